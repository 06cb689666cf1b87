// Undo and redo of a screen: what was done, each with its way back.
export interface Step {
  readonly back: () => unknown
  readonly again: () => unknown
}

const mostSteps = 200

export class Timeline {
  readonly #done: Step[] = []
  readonly #undone: Step[] = []

  did(step: Step): void {
    this.#done.push(step)
    if (this.#done.length > mostSteps) this.#done.shift()
    this.#undone.length = 0
  }

  /** It was not done after all. */
  forget(step: Step): void {
    for (const steps of [this.#done, this.#undone]) if (steps.includes(step)) steps.splice(steps.indexOf(step), 1)
  }

  /** False where nothing is left to take back. */
  undo(): boolean {
    return this.#turn(this.#done, this.#undone, (step) => step.back())
  }
  redo(): boolean {
    return this.#turn(this.#undone, this.#done, (step) => step.again())
  }

  #turn(from: Step[], to: Step[], act: (step: Step) => unknown): boolean {
    const step = from.pop()
    if (!step) return false
    to.push(step)
    act(step)
    return true
  }
}
