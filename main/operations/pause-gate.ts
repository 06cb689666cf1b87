/** Words of the owner by which a run stands still and goes on. */
export const pauseWords = { pause: 'pause', goOn: 'go-on' } as const

/** Shut by a word of the owner, and opened by another. */
export class PauseGate {
  #shut: PromiseWithResolvers<void> | undefined

  get asked(): boolean {
    return this.#shut !== undefined
  }

  hear(word: string): void {
    if (word === pauseWords.pause) this.#shut ??= Promise.withResolvers<void>()
    if (word !== pauseWords.goOn) return
    this.#shut?.resolve()
    this.#shut = undefined
  }

  /** Resolves when it is open, or when the run is stopped. */
  async opened(signal: AbortSignal): Promise<void> {
    const stopped = Promise.withResolvers<void>()
    const stop = (): void => stopped.resolve()
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    await Promise.race([this.#shut?.promise, stopped.promise])
    signal.removeEventListener('abort', stop)
  }
}
