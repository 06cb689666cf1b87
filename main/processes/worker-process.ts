// Calls into a worker process. It starts with the first call, and again with the first call after it died.
import { PigmentError, type ErrorRecord } from '../../engine/requests/error.ts'
import { reviveError } from '../api/revive-error.ts'
import type { LaunchWorker, Response, WorkerChannel, WorkerRole } from './channel.ts'
import type { OperationEvent, OperationInput, OperationOutput, Operations } from './operation.ts'
import { Vigil } from './vigil.ts'

export interface CallOptions<Event = never> {
  readonly onEvent?: (event: Event) => void
  /** Asks the call to stop. Aborted with `at-once` it is not waited for as long as its pace until then would need. */
  readonly signal?: AbortSignal
  /** Milliseconds that it may say nothing; then its process is ended. */
  readonly patience?: number
}
/** A call under way: its end, and words to it meanwhile. */
export interface RunningCall<Output = unknown> {
  readonly done: Promise<Output>
  notify(what: string): void
  /** Its next word may take so many milliseconds. */
  grant(milliseconds: number): void
}
type OnState = (state: WorkerState, restarts: number, error?: ErrorRecord) => void
export type WorkerState = 'starting' | 'ready' | 'crashed' | 'stopped'

const minute = 60_000
/** Opening a large model from a slow disk, or one step of it on a slow processor, says nothing for a long time; looking at a picture does not. */
const usualPatience: Readonly<Record<WorkerRole, number>> = { tools: 2 * minute, engine: 30 * minute, devices: 10 * minute }

interface Pending {
  readonly vigil: Vigil
  readonly resolve: (value: unknown) => void
  readonly reject: (error: PigmentError) => void
  readonly onEvent: (event: unknown) => void
}

/** `Of` is what its role does: an unknown call, or one of another form, does not compile. */
export class WorkerProcess<Of extends Operations> {
  readonly #launch: LaunchWorker
  readonly #role: WorkerRole
  readonly #pending = new Map<number, Pending>()
  readonly #onState: OnState
  #channel: WorkerChannel | undefined
  #next = 0
  #starts = 0
  #stopping = false
  /** It is to be another process once nothing is under way. */
  #stale = false

  constructor(role: WorkerRole, launch: LaunchWorker, onState: OnState = () => undefined) {
    this.#role = role
    this.#launch = launch
    this.#onState = onState
  }

  get pid(): number | undefined {
    return this.#channel?.pid
  }

  call<Name extends keyof Of & string>(
    name: Name,
    input: OperationInput<Of[Name]>,
    options: CallOptions<OperationEvent<Of[Name]>> = {},
  ): Promise<OperationOutput<Of[Name]>> {
    return this.start(name, input, options).done
  }

  /**
   * Throws nothing: what goes wrong comes with `done`; `worker-died` when the process ended before the answer, `worker-silent` when it was ended because
   * the call said nothing for too long.
   */
  start<Name extends keyof Of & string>(
    name: Name,
    input: OperationInput<Of[Name]>,
    { onEvent = () => undefined, signal, patience }: CallOptions<OperationEvent<Of[Name]>> = {},
  ): RunningCall<OperationOutput<Of[Name]>> {
    // Work that is still being put in order must not start again what was ended for good: nobody would end that.
    if (this.#stopping) return { done: Promise.reject(ended('stopped')), notify: () => undefined, grant: () => undefined }
    const call = this.#next++
    const channel = (this.#channel ??= this.#open())
    const vigil = new Vigil(patience ?? usualPatience[this.#role], (seconds) => {
      const why = signal?.aborted ? `did not stop within ${seconds} seconds` : `said nothing for ${seconds} seconds`
      this.#giveUp(channel, call, silent(why, { role: this.#role, task: name, seconds }))
    })
    const done = new Promise<OperationOutput<Of[Name]>>((resolve, reject) => {
      // Messages carry what the operation of this name gives (`serveCalls`).
      const heard = { resolve, onEvent } as Pick<Pending, 'resolve' | 'onEvent'>
      this.#pending.set(call, { vigil, reject, ...heard })
    })
    const abort = (): void => {
      channel.send({ type: 'abort', call })
      vigil.hurry(signal?.reason !== 'at-once')
    }
    channel.send({ type: 'call', call, name, input })
    if (signal?.aborted) abort()
    signal?.addEventListener('abort', abort, { once: true })
    const clean = (): void => {
      vigil.end()
      signal?.removeEventListener('abort', abort)
    }
    done.then(clean, clean)
    return { done, notify: (what) => channel.send({ type: 'notify', call, what }), grant: (milliseconds) => vigil.grant(milliseconds) }
  }

  /** Ends the process at once; calls under way fail with `worker-died`. */
  kill(): void {
    this.#channel?.kill()
  }

  /** The next call begins in a process in which nothing was done yet; where calls are under way, the next one behind all of them. */
  renew(): void {
    this.#stale = this.#pending.size > 0
    if (this.#stale) return
    const idle = this.#channel
    this.#channel = undefined
    idle?.kill()
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
      if (this.#channel === channel) this.#hear(message as Response)
    })
    channel.onExit((reason) => this.#lose(channel, ended(reason)))
    return channel
  }

  /** It is not waited for: one that the system itself holds back (a disk that went away) does not die at once. */
  #giveUp(channel: WorkerChannel, call: number, error: PigmentError): void {
    const pending = this.#pending.get(call)
    this.#pending.delete(call)
    channel.kill()
    this.#lose(channel, error)
    pending?.reject(error)
  }

  #lose(channel: WorkerChannel, error: PigmentError): void {
    if (this.#channel !== channel) return
    this.#channel = undefined
    this.#stale = false
    const pending = [...this.#pending.values()]
    this.#pending.clear()
    this.#onState(this.#stopping ? 'stopped' : 'crashed', this.#starts - 1, this.#stopping ? undefined : error.record())
    const others = error.code === 'worker-silent' ? ended('another task of its did not answer') : error
    for (const { reject } of pending) reject(others)
  }

  #hear(message: Response | { type: 'ready' }): void {
    if (message.type === 'ready') return
    const pending = this.#pending.get(message.call)
    if (!pending) return
    if (message.type === 'event') {
      pending.vigil.sign()
      return pending.onEvent(message.event)
    }
    this.#pending.delete(message.call)
    if (message.type === 'value') pending.resolve(message.value)
    else pending.reject(reviveError(message.error))
    if (this.#stale && this.#pending.size === 0) this.renew()
  }
}

const ended = (reason: string): PigmentError =>
  new PigmentError('worker-died', `The process that computes ended (${reason}). It starts again by itself.`, { reason })

const silent = (why: string, facts: Readonly<Record<string, unknown>>): PigmentError =>
  new PigmentError('worker-silent', `The process that computes ${why}, and was ended. It starts again by itself.`, facts)
