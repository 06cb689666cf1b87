// Feeds of a stack whose strengths change from step to step. Strengths are inputs: a change costs B anew, and neither a session nor A.
import type { StackMoment } from '../adapters/composition.ts'
import type { StackCourse } from '../adapters/stack-course.ts'
import type { ActiveTerms } from '../adapters/stack.ts'
import type { Tensor } from '../tensor/tensor.ts'

type Feeds = Promise<Record<string, Tensor>>

/** Those of the last moments that differed, and of all runs of a step: adapters that take turns come back to them. */
const kept = 3

export class CourseFeeds {
  readonly #course: StackCourse
  /** At full strength. */
  readonly #terms: Promise<ActiveTerms>
  readonly #make: (terms: ActiveTerms) => Feeds
  readonly #made = new Map<string, Feeds>()

  constructor(course: StackCourse, terms: Promise<ActiveTerms>, make: (terms: ActiveTerms) => Feeds) {
    this.#course = course
    this.#terms = terms
    this.#make = make
  }

  async at(moment: StackMoment): Feeds {
    const terms = this.#course.at(await this.#terms, moment)
    const key = [...terms]
      .map(([path, active]) => `${path} ${active.map(({ weight, entry }) => `${entry}×${weight}`).join(' ')}`)
      .join('\n')
    const feeds = this.#made.get(key) ?? this.#make(terms)
    this.#made.delete(key)
    this.#made.set(key, feeds)
    const [oldest] = this.#made.keys()
    if (this.#made.size > Math.max(kept, this.#course.passes) && oldest !== undefined) this.#made.delete(oldest)
    return feeds
  }
}
