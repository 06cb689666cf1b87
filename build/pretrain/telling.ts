// What a stage says as it goes on.
import type { TrainEvent } from '../../engine/requests/train-events.ts'

/** Prints a line now and then. */
export class Telling {
  readonly #report: (line: string) => void
  readonly #every: number
  #smooth = NaN
  #since = performance.now()
  #last: number

  constructor(report: (line: string) => void, every: number, from: number) {
    this.#report = report
    this.#every = every
    this.#last = from
  }

  step({ step, steps, loss, gradNorm, others = {} }: Extract<TrainEvent, { type: 'step' }>): void {
    this.#smooth = Number.isNaN(this.#smooth) ? loss : this.#smooth * 0.97 + loss * 0.03
    if (step % this.#every !== 0) return
    const seconds = (performance.now() - this.#since) / 1000 / (step - this.#last)
    this.#since = performance.now()
    this.#last = step
    const told = Object.entries(others).map(([name, value]) => `${name} ${value.toFixed(3)}  `)
    this.#report(
      `step ${step}/${steps}  loss ${this.#smooth.toFixed(5)}  ${told.join('')}norm ${gradNorm.toFixed(2)}  ${seconds.toFixed(3)} s/step`,
    )
  }
}
