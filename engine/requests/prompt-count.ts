// How many tokens a prompt takes, and where its chunks lie in it.

export interface CountedChunk {
  readonly tokens: number
  /** Its stretch of the prompt, up to where the next one begins. */
  readonly from: number
  readonly to: number
  /** What ended it: BREAK, or that no more went in; the last one is only at its end. */
  readonly ends: 'break' | 'full' | 'end'
}
export interface PromptCount {
  readonly tokens: number
  /** At least one; each of at most `room` tokens. */
  readonly chunks: readonly CountedChunk[]
}
