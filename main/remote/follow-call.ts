// A call as its asker follows it: what is told of it, what is asked of it, and what came of it.
import { PigmentError } from '../../engine/requests/error.ts'
import { reviveError } from '../api/revive-error.ts'
import { ownName, type ContentStore } from './content-store.ts'
import type { Asked, CallState, Ledger, Seen } from './ledger.ts'
import { unpack } from './parcel.ts'
import { fetchTree } from './tree.ts'
import type { ToldEvent } from './work-on-call.ts'

export interface Following {
  readonly ledger: Ledger
  readonly store: ContentStore
  /** Where on this side its files appear. */
  readonly home: string
  readonly onEvent?: ((event: unknown) => void) | undefined
  /** Aborted, it pauses with its checkpoint; with `at-once`, it is cancelled; with `closing`, it goes on without being followed. */
  readonly signal?: AbortSignal | undefined
  /** Cancels what was asked to pause, too. */
  readonly cancel?: AbortSignal | undefined
  /** Hears who works on it, and that it waits. */
  readonly onPlace?: ((place: { readonly state: CallState; readonly worker: string | undefined }) => void) | undefined
  /** Hears from where on it is to be followed next. */
  readonly onHeard?: (from: string) => void
}

/** Milliseconds between two looks. */
const pace = 300
/** Milliseconds after which who cancelled does not wait for the worker any longer: it may be gone. */
const longestCancelling = 3000

/** Its result, with its files at their places. Throws what its operation threw, `cancelled` where it was stopped or left, and `queue-forgot`. */
export async function followCall(id: string, from: string, following: Following): Promise<unknown> {
  const { ledger, store, home, onEvent, signal, cancel, onPlace, onHeard } = following
  let cancelled = Infinity
  const ask = (what: Asked): void => {
    const asked = ledger.ask(id, what)
    asked.then(() => (cancelled = what === 'cancel' ? performance.now() : cancelled)).catch(() => undefined)
  }
  const stop = (): void => void (signal?.reason === 'closing' || ask(signal?.reason === 'at-once' ? 'cancel' : 'pause'))
  const end = (): void => ask('cancel')
  if (signal?.aborted) stop()
  if (cancel?.aborted) end()
  signal?.addEventListener('abort', stop, { once: true })
  cancel?.addEventListener('abort', end, { once: true })
  const told = async (event: ToldEvent): Promise<void> => {
    // A picture that cannot be fetched costs the news of it, not the run.
    const here = await (event.files ? fetchTree(store, home, event.files, (hash) => ownName(id, hash)) : Promise.resolve()).then(
      () => true,
      () => false,
    )
    if (here) onEvent?.(unpack(event.event, [], home))
  }
  try {
    for (let [next, place] = [from, '']; ;) {
      const seen = await orLeft(ledger.look(id, next), signal)
      if (!seen) throw forgotten(id)
      const now = `${seen.state} ${seen.worker ?? ''}`
      if (now !== place) onPlace?.({ state: seen.state, worker: seen.worker })
      place = now
      for (const event of seen.events as readonly ToldEvent[]) await told(event)
      if (seen.next !== next) onHeard?.(seen.next)
      next = seen.next
      if (seen.events.length > 0) continue
      if (isOver(seen.state)) return await resultOf(id, seen, following)
      if (performance.now() - cancelled > longestCancelling) throw stopped(id, 'cancelled', store)
      await orLeft(new Promise((done) => setTimeout(done, pace)), signal)
    }
  } finally {
    signal?.removeEventListener('abort', stop)
    cancel?.removeEventListener('abort', end)
  }
}

async function resultOf(id: string, { state, result, error }: Seen, { store, home }: Following): Promise<unknown> {
  if (state === 'failed' && error) throw reviveError(error)
  if (state !== 'done' || !result) throw stopped(id, state, store)
  await fetchTree(store, home, result.outputs, (hash) => ownName(id, hash))
  return unpack(result.value, [], home)
}

const isOver = (state: CallState): boolean => state !== 'queued' && state !== 'running'

const stopped = (call: string, state: CallState, { shown }: ContentStore): PigmentError =>
  new PigmentError(
    'cancelled',
    state === 'paused' ? 'Stopped, with its checkpoint kept in the store. The same command continues.' : 'Cancelled.',
    { call, state, ...(state === 'paused' ? { runFolder: shown } : {}) },
  )

const forgotten = (call: string): PigmentError =>
  new PigmentError(
    'queue-forgot',
    'The queue does not know this job any more: its data were removed, or lost by a server that does not write to disk. Submit it again.',
    { call },
  )

/** What a queue or a disk may not answer is waited for by nobody who leaves. Throws `cancelled`. */
export const orLeft = <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
  untilAborted(work, signal, (reason) => reason === 'closing', 'Left to who does it.')

/** As `orLeft`, however it is stopped. */
export const orStopped = <T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> =>
  untilAborted(work, signal, () => true, 'Stopped before it was handed in.')

function untilAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
  counts: (reason: unknown) => boolean,
  sentence: string,
): Promise<T> {
  if (!signal) return work
  return new Promise((done, fail) => {
    const stop = (): void => {
      if (counts(signal.reason)) fail(new PigmentError('cancelled', sentence, {}))
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    work.then(done, fail).finally(() => signal.removeEventListener('abort', stop))
  })
}
