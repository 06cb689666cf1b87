// The one door to the host: typed calls, events, and what every failed call has in common.
import type { StudioApi } from '../../main/api/studio.ts'
import type { Topic, TopicPayload } from '../../main/api/topics.ts'
import type { ConnectionState } from '../../main/api/transport.ts'
import { errorRecord, type ErrorRecord } from '../../engine/spec/error.ts'

export interface Notice {
  readonly id: number
  readonly text?: string
  readonly error?: ErrorRecord
  /** Until it is closed. */
  readonly stays?: boolean
  readonly action?: { readonly label: string; readonly run: () => void }
}

class Host {
  #api: StudioApi | undefined
  connection = $state<ConnectionState>('connecting')
  engineCrashed = $state(false)
  notices = $state<Notice[]>([])
  #next = 1
  readonly #again: (() => Promise<unknown>)[] = []
  #settle: () => void = () => undefined
  /** When the first attempt to hear the host is over: what is asked for after it is not overtaken by news that nobody heard. */
  readonly met = new Promise<void>((done) => (this.#settle = done))

  get api(): StudioApi {
    if (!this.#api) throw new Error('The host is used before it is opened.')
    return this.#api
  }

  open(api: StudioApi): void {
    this.#api = api
    api.connection((state) => {
      const back = state === 'connected' && this.connection === 'lost'
      this.connection = state
      if (state !== 'connecting') this.#settle()
      if (back) for (const again of this.#again) void this.attempt(again)
    })
    this.hear('engine', ({ state }) => (this.engineCrashed = state === 'crashed'))
  }

  hear<T extends Topic>(topic: T, listener: (payload: TopicPayload<T>) => void): () => void {
    return this.api.subscribe(topic, ({ payload }) => listener(payload))
  }

  /** What to ask for again after the host was away: its news of that time are missed. */
  onReturn(again: () => Promise<unknown>): void {
    this.#again.push(again)
  }

  /** Shows a notice; one without an error leaves by itself. */
  tell(notice: Omit<Notice, 'id'>): void {
    const id = this.#next++
    this.notices.push({ id, ...notice })
    if (!notice.error && !notice.stays) setTimeout(() => this.dismiss(id), 6000)
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id)
  }

  /** Runs something that a person asked for; its failure becomes a card, and the answer `undefined`. */
  async attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work()
    } catch (error) {
      this.tell({ error: errorRecord(error) })
      return undefined
    }
  }

  media = (id: string, side?: number): string => this.api.media(id, side)
}

export const host = new Host()
