// A call while a worker has it: what it tells goes out in order and in portions, what is asked of it comes in, and its hold on the ticket is renewed.
import type { Asked, Ledger } from './ledger.ts'

/** Renews the ticket's lock. By a timer of ours: the queue's own compares times of day, and stands still where the clock is set back. */
export type RenewLock = () => Promise<unknown>

interface HeldOptions {
  readonly ledger: Ledger
  readonly id: string
  readonly fence: number
  readonly renew: RenewLock
  /** Milliseconds between two looks at least. */
  readonly pace: number
  /** Milliseconds between two renewals. */
  readonly renewal: number
}

export class HeldCall {
  readonly id: string
  readonly fence: number
  readonly #options: HeldOptions
  readonly #stop = new AbortController()
  readonly #timers: readonly NodeJS.Timeout[]
  #waiting: unknown[] = []
  #telling: Promise<void> = Promise.resolve()
  #busy = false
  #asked: Asked | 'close' | undefined
  #lost = false
  #hear: (word: string) => void = () => undefined

  constructor(options: HeldOptions) {
    this.#options = options
    this.id = options.id
    this.fence = options.fence
    const { pace, renewal, renew } = options
    this.#timers = [
      setInterval(() => void (this.#busy || this.flush().catch(() => undefined)), pace),
      // A lock that is gone is no reason to stop: until another takes the call, what this one makes of it counts.
      setInterval(() => void renew().catch(() => undefined), renewal),
    ]
  }

  /** Aborted when a person asks for it, when the worker closes, and, `at-once`, when the call became another's. */
  get signal(): AbortSignal {
    return this.#stop.signal
  }
  /** Why it was stopped. */
  get asked(): Asked | 'close' | undefined {
    return this.#asked
  }
  get lost(): boolean {
    return this.#lost
  }

  tell(event: unknown): void {
    this.#waiting.push(event)
  }
  onWord(hear: (word: string) => void): void {
    this.#hear = hear
  }

  /** Stops with a checkpoint, for another worker to go on from. */
  close(): void {
    this.#ask('close')
  }

  /** All that was told is in Redis then. */
  flush(): Promise<void> {
    const told = this.#telling.then(() => this.#flush())
    this.#telling = told.catch(() => undefined)
    return told
  }

  end(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }

  async #flush(): Promise<void> {
    this.#busy = true
    const events = this.#waiting
    this.#waiting = []
    try {
      // Without an end while Redis is away: what waits there is sent once, when it is back.
      const heard = await this.#options.ledger.tell(this.id, this.fence, events)
      if (!heard) return this.#lose()
      for (const word of heard.words) this.#hear(word)
      if (heard.asked) this.#ask(heard.asked)
    } finally {
      this.#busy = false
    }
  }

  #ask(what: Asked | 'close'): void {
    this.#asked ??= what
    if (!this.#stop.signal.aborted) this.#stop.abort(what === 'cancel' ? 'at-once' : undefined)
  }

  #lose(): void {
    this.#lost = true
    this.#waiting = []
    if (!this.#stop.signal.aborted) this.#stop.abort('at-once')
  }
}
