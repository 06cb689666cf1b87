// Prompts: how many tokens they take, and those of before.
import type { PromptCount } from '../../../engine/requests/prompt-count.ts'
import type { AskedPrompts } from './generate.ts'

export interface EncoderCount extends PromptCount {
  /** As its folder is called. */
  readonly encoder: string
  /** Tokens that a chunk has at most. */
  readonly room: number
}
export interface CountedPrompt {
  readonly encoders: readonly EncoderCount[]
  /** It says different things, by the call or by the seed, or several at once: the longest is counted, and its borders are none of the text's. */
  readonly varies: boolean
}

export interface PastPrompt extends AskedPrompts {
  /** When it was drawn last, and what came of it. */
  readonly at: number
  readonly picture: string
  readonly pictures: number
}
