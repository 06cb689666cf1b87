// Answers may come late: after those to later questions, and after news of what changed since they were given.

/** Of answers that overtake one another only the one to the latest question counts: the others, and their failures, give `undefined`. */
export function latest(): <Answer>(answer: Promise<Answer>) => Promise<Answer | undefined> {
  let asked = 0
  return async (answer) => {
    const mine = ++asked
    try {
      const got = await answer
      return mine === asked ? got : undefined
    } catch (failure) {
      if (mine === asked) throw failure
      return undefined
    }
  }
}

/** What is told while an answer is on its way, and which that may not know of. */
export class Meanwhile<News> {
  readonly #open = new Set<News[]>()

  tell(news: News): void {
    for (const told of this.#open) told.push(news)
  }

  /** The answer, and what was told since it was asked for. */
  async ask<Answer>(question: () => Promise<Answer>): Promise<readonly [answer: Answer, since: readonly News[]]> {
    const told: News[] = []
    this.#open.add(told)
    try {
      return [await question(), told]
    } finally {
      this.#open.delete(told)
    }
  }
}
