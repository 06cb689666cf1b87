// What carries parts in tests: memory, from which a member can be cut.
import type { Part, PartLine } from './exchange.ts'

export class TestHub {
  readonly #told: Part[] = []
  readonly #listeners = new Set<(part: Part) => void>()

  /** `cut` gives whether it is off: then it neither tells nor hears. */
  line(cut: () => boolean = () => false): PartLine {
    return {
      post: (part) => {
        if (cut()) return Promise.resolve()
        this.#told.push(part)
        for (const listener of this.#listeners) listener(part)
        return Promise.resolve()
      },
      hear: (listener) => {
        this.#listeners.add((part) => (cut() ? undefined : listener(part)))
        for (const part of this.#told) listener(part)
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }
  }
}
