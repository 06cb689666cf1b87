// Calls into a worker process. It starts with the first call, and again with the first call after it died.
import { PigmentError, type ErrorRecord } from '../../engine/spec/error.ts'
import { reviveError } from '../api/revive-error.ts'
import type { LaunchWorker, Response, WorkerChannel, WorkerRole } from './channel.ts'

export interface CallOptions {
  readonly onEvent?: (event: unknown) => void
  readonly signal?: AbortSignal
}
/** A call under way: its end, and words to it meanwhile. */
export interface RunningCall {
  readonly done: Promise<unknown>
  notify(what: string): void
}
type OnState = (state: WorkerState, restarts: number, error?: ErrorRecord) => void
export type WorkerState = 'starting' | 'ready' | 'crashed' | 'stopped'

interface Pending {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: PigmentError) => void
  readonly onEvent: (event: unknown) => void
}

export class WorkerProcess {
  readonly #launch: LaunchWorker
  readonly #role: WorkerRole
  readonly #pending = new Map<number, Pending>()
  readonly #onState: OnState
  #channel: WorkerChannel | undefined
  #next = 0
  #starts = 0
  #stopping = false

  constructor(role: WorkerRole, launch: LaunchWorker, onState: OnState = () => undefined) {
    this.#role = role
    this.#launch = launch
    this.#onState = onState
  }

  get pid(): number | undefined {
    return this.#channel?.pid
  }

  call(name: string, input: unknown, options: CallOptions = {}): Promise<unknown> {
    return this.start(name, input, options).done
  }

  /** Throws nothing: what goes wrong comes with `done`; `worker-died` when the process ended before the answer. */
  start(name: string, input: unknown, { onEvent = () => undefined, signal }: CallOptions = {}): RunningCall {
    // Work that is still being put in order must not start again what was ended for good: nobody would end that.
    if (this.#stopping) return { done: Promise.reject(ended('stopped')), notify: () => undefined }
    const call = this.#next++
    const channel = (this.#channel ??= this.#open())
    const done = new Promise<unknown>((resolve, reject) => this.#pending.set(call, { resolve, reject, onEvent }))
    const abort = (): void => channel.send({ type: 'abort', call })
    channel.send({ type: 'call', call, name, input })
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    const clean = (): void => signal?.removeEventListener('abort', abort)
    done.then(clean, clean)
    return { done, notify: (what) => channel.send({ type: 'notify', call, what }) }
  }

  /** Ends the process at once; calls under way fail with `worker-died`. */
  kill(): void {
    this.#channel?.kill()
  }

  /** For good. */
  stop(): void {
    this.#stopping = true
    this.#channel?.kill()
  }

  #open(): WorkerChannel {
    const restarts = this.#starts++
    this.#onState('starting', restarts)
    const channel = this.#launch(this.#role)
    let ready = false
    channel.onMessage((message) => {
      if (!ready) this.#onState('ready', restarts)
      ready = true
      this.#hear(message as Response)
    })
    channel.onExit((reason) => {
      if (this.#channel === channel) this.#channel = undefined
      const error = ended(reason)
      const pending = [...this.#pending.values()]
      this.#pending.clear()
      this.#onState(this.#stopping ? 'stopped' : 'crashed', restarts, this.#stopping ? undefined : error.record())
      for (const { reject } of pending) reject(error)
    })
    return channel
  }

  #hear(message: Response | { type: 'ready' }): void {
    if (message.type === 'ready') return
    const pending = this.#pending.get(message.call)
    if (!pending) return
    if (message.type === 'event') return pending.onEvent(message.event)
    this.#pending.delete(message.call)
    if (message.type === 'value') pending.resolve(message.value)
    else pending.reject(reviveError(message.error))
  }
}

const ended = (reason: string): PigmentError =>
  new PigmentError('worker-died', `The process that computes ended (${reason}). It starts again by itself.`, { reason })
