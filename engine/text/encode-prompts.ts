// Prompts → token frames. A long prompt takes several frames of the encoder's length; all prompts of a call take equally many.
import type { ClipTextConfig } from '../models/config.ts'
import type { ClipTokenizer } from './clip-tokenizer.ts'

export interface Frames {
  /** Ids of every frame, prompt by prompt: (prompts · chunks, positions). */
  readonly ids: BigInt64Array
  readonly rows: number
  readonly chunks: number
  /** 1 at each row's first end-of-text token: (rows, positions, 1). */
  readonly endOfText: Float32Array
}

/** Frames that the longest of these prompts takes. */
export function chunksNeeded(tokenizer: ClipTokenizer, { positions }: ClipTextConfig, prompts: readonly string[]): number {
  return prompts.reduce((most, prompt) => Math.max(most, Math.ceil(tokenizer.encode(prompt).length / (positions - 2))), 1)
}

/** Splits each prompt into chunks of `positions − 2` tokens, frames each with begin and end, and pads with empty frames. */
export function framePrompts(tokenizer: ClipTokenizer, config: ClipTextConfig, prompts: readonly string[], minChunks = 1): Frames {
  const { positions, padId } = config
  const room = positions - 2
  const tokens = prompts.map((prompt) => tokenizer.encode(prompt))
  const chunks = Math.max(minChunks, ...tokens.map((ids) => Math.ceil(ids.length / room)))
  const rows = prompts.length * chunks
  const ids = new BigInt64Array(rows * positions)
  const endOfText = new Float32Array(rows * positions)
  tokens.forEach((all, n) => {
    for (let c = 0; c < chunks; c++) {
      const part = all.slice(c * room, (c + 1) * room)
      const row = [tokenizer.bosId, ...part, tokenizer.eosId]
      const at = (n * chunks + c) * positions
      for (let t = 0; t < positions; t++) ids[at + t] = BigInt(row[t] ?? padId)
      endOfText[at + row.length - 1] = 1
    }
  })
  return { ids, rows, chunks, endOfText }
}
