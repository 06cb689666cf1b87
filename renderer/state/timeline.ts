// Undo and redo of a screen: what was done, each with its way back.
import { createSubscriber } from 'svelte/reactivity'

export interface Step {
  readonly back: () => unknown
  readonly again: () => unknown
}

const mostSteps = 200

export class Timeline {
  readonly #done: Step[] = []
  readonly #undone: Step[] = []
  readonly #seen = createSubscriber((changed) => {
    this.#changed = changed
    return () => (this.#changed = undefined)
  })
  #changed: (() => void) | undefined

  /** Whether something is left to take back; a screen that shows it is told of changes. */
  get canUndo(): boolean {
    this.#seen()
    return this.#done.length > 0
  }
  get canRedo(): boolean {
    this.#seen()
    return this.#undone.length > 0
  }

  did(step: Step): void {
    this.#done.push(step)
    if (this.#done.length > mostSteps) this.#done.shift()
    this.#undone.length = 0
    this.#changed?.()
  }

  /** It was not done after all. */
  forget(step: Step): void {
    for (const steps of [this.#done, this.#undone]) if (steps.includes(step)) steps.splice(steps.indexOf(step), 1)
    this.#changed?.()
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
    this.#changed?.()
    return true
  }
}
