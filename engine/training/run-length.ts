// When a run is over: after its last step, or once its steps have taken their minutes. Only these are counted: preparing, measuring and drawing are not,
// nor is the time in which a run waits to go on.
import type { RunVectors, SavedVectors } from '../files/run-checkpoint.ts'

/** Under which checkpoints keep the seconds that the steps of a run have taken. */
const kept = 'run/seconds'

interface Length {
  /** May change as the run goes on. */
  readonly steps: number
  readonly minutes?: number | undefined
}

export class RunLength {
  readonly #length: Length
  readonly #seconds: number
  #spent: number
  readonly #now: () => number

  private constructor(length: Length, spent: number, now: () => number) {
    this.#length = length
    this.#seconds = (length.minutes ?? Infinity) * 60
    this.#spent = spent
    this.#now = now
  }

  /** Goes on with what a checkpoint kept. `now` in milliseconds. */
  static async of(length: Length, resumed: SavedVectors | undefined, now = (): number => performance.now()): Promise<RunLength> {
    const [spent = 0] = (await resumed?.[kept]?.read(0, 1)) ?? []
    return new RunLength(length, spent, now)
  }

  over(step: number): boolean {
    return step >= this.#length.steps || this.#spent >= this.#seconds
  }

  /** Counts the time of a step. */
  async timed<T>(doing: () => Promise<T>): Promise<T> {
    const before = this.#now()
    try {
      return await doing()
    } finally {
      this.#spent += (this.#now() - before) / 1000
    }
  }

  /** After a step, at a pace: all steps, and the seconds that are left. */
  ahead(step: number, { rate, eta }: { readonly rate: number; readonly eta: number }): { readonly steps: number; readonly eta: number } {
    if (this.#seconds === Infinity) return { steps: this.#length.steps, eta }
    const left = Math.max(0, this.#seconds - this.#spent)
    return { steps: Math.min(this.#length.steps, step + Math.ceil(left * rate)), eta: left }
  }

  /** How far it has come, for a sentence. */
  told(step: number): string {
    const minutes = this.#seconds / 60
    return minutes === Infinity
      ? `step ${step} of ${this.#length.steps}`
      : `step ${step}, ${(this.#spent / 60).toFixed(1)} of ${minutes} minutes`
  }

  vectors(): RunVectors {
    return this.#seconds === Infinity ? {} : { [kept]: Float64Array.of(this.#spent) }
  }
}
