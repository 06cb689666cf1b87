// A job that other machines do: it is handed to the queue that Settings name, and followed from here. It outlives this studio, which finds it again.
import { PigmentError } from '../../engine/requests/error.ts'
import type { JobEvent } from '../api/topics.ts'
import { parseQueueAddress, type QueueAddress } from '../redis/address.ts'
import { openStore } from '../remote/open-store.ts'
import { RemoteEngine } from '../remote/remote-engine.ts'
import type { SettingsStore } from '../stores/settings.ts'
import type { Tokens } from '../stores/tokens.ts'
import type { RunnerOptions } from './job-run.ts'
import { isOneCall, type Job } from './job.ts'
import { elsewhere as schema, type Elsewhere } from './job-state.ts'

/** What the password of the queue is kept under, among the tokens. */
export const queueSite = 'queue'

type Named = { readonly settings: SettingsStore; readonly tokens: Tokens }

/** The queue that Settings name, with its password. Throws `queue-none`, `queue-address`, `token-sealed`. */
export async function queueOf({ settings, tokens }: Named): Promise<QueueAddress> {
  const { queueAddress } = settings.value
  if (queueAddress === null) throw noQueue()
  const password = await tokens.get(queueSite)
  return { ...parseQueueAddress(queueAddress), ...(password === undefined ? {} : { password }) }
}

export const noQueue = (): PigmentError =>
  new PigmentError(
    'queue-none',
    'No queue of other machines is named. Name one in Settings, under Other machines, or choose this machine.',
    {},
  )

interface Handed {
  readonly job: Job
  readonly update: (part: Partial<Job>) => void
  readonly tell: (event: JobEvent) => void
  readonly signal: AbortSignal
  /** Cancels what was asked to pause, too. */
  readonly atOnce: AbortSignal
}

/** The engine that does this job, connected. A queue that is away is waited for. Throws what is wrong with the addresses, and `queue-moved`. */
export async function openElsewhere(parts: Named & Pick<RunnerOptions, 'engine'>, handed: Handed): Promise<RemoteEngine> {
  const { job, update, tell, signal, atOnce } = handed
  const address = await queueOf(parts)
  const store = openStore(parts.settings.value.queueStore ?? undefined)
  const before = job.elsewhere
  const moved = before !== undefined && (before.queue !== address.shown || before.store !== store.shown)
  if (moved && before.open) {
    update({ elsewhere: { ...before, open: false } })
    throw new PigmentError(
      'queue-moved',
      `This job was handed to ${before.queue} with files in ${before.store}, and Settings name ${address.shown} and ${store.shown} now. Name the former again, or resume the job to hand it in anew.`,
      { before: before.queue, now: address.shown },
    )
  }
  let state: Elsewhere = before && !moved ? before : schema.parse({ queue: address.shown, store: store.shown })
  const change = (part: Partial<Elsewhere>): void => {
    state = { ...state, ...part }
    update({ elsewhere: state })
  }
  const note = (code: string, text: string, facts: Readonly<Record<string, unknown>> = {}, level: 'info' | 'warning' = 'info'): void =>
    tell({ type: 'log', at: Date.now(), level, text, code, facts })
  const { call, from, open } = state
  return RemoteEngine.open({
    ...{
      address,
      store,
      here: parts.engine,
      owner: job.id,
      title: job.title,
      patient: true,
      cancel: atOnce,
      signal: opening(signal, open),
    },
    before: isOneCall(job) && call !== undefined ? { call, from, open } : undefined,
    onHeard: (known, at) => change({ call: known, from: at }),
    onSend: (done, total) => update({ preparing: { stage: 'files', done, total } }),
    onPlace({ state: now, worker = null }) {
      if (worker !== state.worker && worker !== null) note('taken', `Taken by ${worker}.`, { worker })
      // Its end is heard of: who resumes it hands it in again.
      change({ worker, open: now === 'queued' || now === 'running' || now === 'done' })
      if (worker === null && now === 'queued') update({ preparing: null })
    },
    onAway(away) {
      if (away === state.away) return
      if (away)
        note(
          'queue-away',
          `The queue at ${address.shown} does not answer. What a worker does goes on; this is heard of when it is back.`,
          { address: address.shown },
          'warning',
        )
      else note('queue-back', 'The queue answers again.')
      change({ away })
    },
  })
}

/** What was handed in already is given up by nobody's impatience but the studio's own end. */
function opening(signal: AbortSignal, open: boolean): AbortSignal {
  if (!open) return signal
  const leaving = new AbortController()
  const look = (): void => void (signal.reason === 'closing' && leaving.abort())
  if (signal.aborted) look()
  signal.addEventListener('abort', look, { once: true })
  return leaving.signal
}
