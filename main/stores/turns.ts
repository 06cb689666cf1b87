/** One after the other, each whole: what is begun waits for what was begun before. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => undefined)
    return mine
  }

  /** When everything that was begun is done. */
  async done(): Promise<void> {
    await this.#last
  }
}
