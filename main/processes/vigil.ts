// How long a call may say nothing before its process is taken for hung. Work is judged by its silence, not by its length: training takes days.

/** Milliseconds that a call which was asked to stop may take at least. */
export const grace = 5000
/** A timer that rings this much late was late with everything else: the machine slept, and the call with it. */
const slept = 2000

export class Vigil {
  readonly #expired: (seconds: number) => void
  #limit: number
  /** Until its next word. */
  #granted = 0
  #heard = performance.now()
  #longest = 0
  /** Nothing that it says gives it more time. */
  #last = false
  #timer: NodeJS.Timeout | undefined

  constructor(limit: number, expired: (seconds: number) => void) {
    this.#limit = limit
    this.#expired = expired
    this.#wait()
  }

  /** It said something. */
  sign(): void {
    if (this.#last) return
    const now = performance.now()
    this.#longest = Math.max(this.#longest, now - this.#heard)
    this.#heard = now
    this.#granted = 0
    this.#wait()
  }

  /** It was asked to stop. At its own pace it may still come to an end of what it is at; else it has the grace alone, whatever it goes on saying. */
  hurry(atItsPace: boolean): void {
    this.#limit = atItsPace ? Math.max(grace, 2 * this.#longest) : grace
    if (!atItsPace) this.#granted = 0
    this.#wait()
    this.#last = !atItsPace
  }

  /** Its next word may take so long. */
  grant(milliseconds: number): void {
    if (this.#last) return
    this.#granted = milliseconds
    this.#wait()
  }

  end(): void {
    clearTimeout(this.#timer)
  }

  #wait(): void {
    clearTimeout(this.#timer)
    const limit = Math.max(this.#limit, this.#granted)
    const due = performance.now() + limit
    this.#timer = setTimeout(() => {
      if (performance.now() - due > slept) this.#wait()
      else this.#expired(limit / 1000)
    }, limit)
    // Who waits for nothing else does not wait for this.
    this.#timer.unref()
  }
}
