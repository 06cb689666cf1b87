// The one door to the host: typed calls, events, and what every failed call has in common.
import { createApi, type Api } from '../../main/api/calls.ts'
// Only a type: so that calls are typed from what answers them.
import type { Commands } from '../../main/commands/index.ts'
import type { Topic, TopicPayload } from '../../main/api/topics.ts'
import type { ConnectionState, Transport } from '../../main/api/transport.ts'
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import { added, callOfError, settled, watched, type FailureCard } from './failures.ts'

export interface Notice {
  readonly id: number
  readonly text?: string
  readonly failure?: FailureCard
  /** Until it is closed. */
  readonly stays?: boolean
  readonly action?: { readonly label: string; readonly run: () => void }
  /** How far something long is, from 0 to 1; `null` before that is known. */
  readonly share?: number | null
}

/** What long work is told of itself: its name for the host, and how to say how far the page's own part of it is. */
export interface LongWork {
  readonly task: string
  readonly progress: (done: number, total: number) => void
}

class Host {
  #api: Api<Commands> | undefined
  connection = $state<ConnectionState>('connecting')
  engineCrashed = $state(false)
  notices = $state.raw<readonly Notice[]>([])
  /** Dialogs over the page: what is told stands in the topmost, where it can be reached. */
  dialogs = $state(0)
  #next = 1
  /** In a window there are the system's dialogs and its file manager. */
  native = $state(false)
  readonly #again: (() => Promise<unknown>)[] = []
  #settle: () => void = () => undefined
  /** When the first attempt to hear the host is over: what is asked for after it is not overtaken by news that nobody heard. */
  readonly met = new Promise<void>((done) => (this.#settle = done))

  get api(): Api<Commands> {
    if (!this.#api) throw new Error('The host is used before it is opened.')
    return this.#api
  }

  open(transport: Transport): void {
    const api = (this.#api = createApi<Commands>(watched(transport, (call) => this.#succeeded(call))))
    api.connection((state) => {
      const back = state === 'connected' && this.connection === 'lost'
      this.connection = state
      if (state !== 'connecting') this.#settle()
      if (back) for (const again of this.#again) void this.attempt(again)
    })
    this.hear('engine', ({ state }) => (this.engineCrashed = state === 'crashed'))
    void this.met.then(async () => (this.native = (await api.app.info()).shell === 'window')).catch(() => undefined)
  }

  hear<T extends Topic>(topic: T, listener: (payload: TopicPayload<T>) => void): () => void {
    return this.api.subscribe(topic, ({ payload }) => listener(payload))
  }

  /** What to ask for again after the host was away: its news of that time are missed. */
  onReturn(again: () => Promise<unknown>): void {
    this.#again.push(again)
  }

  /** Whether the pointer or the focus is on the notices: they stay then. */
  attended: () => boolean = () => false

  /** Shows a notice, which leaves by itself. */
  tell(notice: Omit<Notice, 'id' | 'failure'>): void {
    const id = this.#next++
    this.notices = [...this.notices, { id, ...notice }]
    const leave = (): void => (this.attended() ? void setTimeout(leave, 2000) : this.dismiss(id))
    if (!notice.stays) setTimeout(leave, 6000)
  }

  /** Shows a failure: one card for each code. It stays until it is closed, what failed succeeds, or a person goes to another screen. */
  fail(error: unknown): void {
    // That the session is not known is said once, at the head of the page, and not by all that is asked for without it.
    if (this.connection === 'refused') return
    const record = errorRecord(error)
    const before = this.notices.find(({ failure }) => failure?.code === record.code)
    const failure = added(before?.failure, record, callOfError(error) || record.message)
    this.notices = before
      ? this.notices.map((one) => (one === before ? { ...one, failure } : one))
      : [...this.notices, { id: this.#next++, failure }]
  }

  /** What failed on another screen is over with it. */
  dismissFailures(): void {
    this.notices = this.notices.filter(({ failure }) => !failure)
  }

  #succeeded(call: string): void {
    if (!this.notices.some(({ failure }) => failure)) return
    this.notices = this.notices.flatMap((notice) => {
      if (!notice.failure) return [notice]
      const failure = settled(notice.failure, call)
      return failure ? [failure === notice.failure ? notice : { ...notice, failure }] : []
    })
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id)
  }

  /** Runs something that a person asked for; its failure becomes a card, and the answer `undefined`. */
  async attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work()
    } catch (error) {
      this.fail(error)
      return undefined
    }
  }

  /** As `attempt`, for what may take long: while it does, it stands in the corner with its progress and a way to stop it. */
  async long<Result>(text: string, stop: string, work: (long: LongWork) => Promise<Result>): Promise<Result | undefined> {
    const [id, task] = [this.#next++, crypto.randomUUID()]
    let stopped = false
    const cancelled = (): PigmentError => new PigmentError('cancelled', 'Stopped.', {})
    const cancel = (): void => {
      stopped = true
      void this.attempt(() => this.api.app.stop({ task }))
    }
    const show = (share: number | null): void => {
      const notice = { id, text, share, stays: true, action: { label: stop, run: cancel } }
      if (this.notices.some((one) => one.id === id)) this.notices = this.notices.map((one) => (one.id === id ? notice : one))
      else if (shown) this.notices = [...this.notices, notice]
    }
    let shown = false
    const timer = setTimeout(() => ((shown = true), show(null)), 400)
    const progress = (done: number, total: number): void => {
      if (stopped) throw cancelled()
      show(total > 0 ? done / total : null)
    }
    const deaf = this.hear('task', (event) => event.task === task && !stopped && progress(event.done, event.total))
    try {
      return await work({ task, progress })
    } catch (error) {
      if (!stopped) throw error
      return undefined
    } finally {
      clearTimeout(timer)
      deaf()
      this.dismiss(id)
    }
  }

  media = (id: string, side?: number): string => this.api.media(id, side)
}

export const host = new Host()
