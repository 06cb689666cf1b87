// Prompts → token frames. A long prompt takes several frames of the encoder's length; all prompts of a call take equally many.
import type { ClipTextConfig } from '../checkpoint/config.ts'
import type { Emphasis } from '../requests/generate.ts'
import { parseAttention, type Segment } from './attention-weights.ts'
import type { ClipTokenizer } from './clip-tokenizer.ts'
import type { Embedding } from './embedding.ts'
import { InsertedVectors, type Inserted } from './inserted-vectors.ts'
import { promptChunks } from './prompt-chunks.ts'

export interface Frames {
  /** Ids of every frame, prompt by prompt: (prompts · chunks, positions). */
  readonly ids: BigInt64Array
  readonly rows: number
  readonly chunks: number
  /** 1 at each row's first end-of-text token: (rows, positions, 1). */
  readonly endOfText: Float32Array
  /** How much each token counts, 1 for marks and padding: (rows, positions). */
  readonly weights: Float32Array
  /** Vectors in place of tokens. */
  readonly inserted: Inserted
}

export interface Framing {
  readonly emphasis: Emphasis
  readonly minChunks?: number | undefined
  /** What the prompts may call, and the name of the encoder whose vectors are meant. */
  readonly embeddings?: readonly Embedding[] | undefined
  readonly encoder: string
}

/** Frames that the longest of these captions takes. */
export function chunksNeeded(
  tokenizer: ClipTokenizer,
  { positions }: ClipTextConfig,
  prompts: readonly string[],
  embeddings: readonly Embedding[] = [],
): number {
  const own = (prompt: string): number => promptChunks(tokenizer, parseAttention(prompt, 'none'), positions - 2, 'none', embeddings).length
  if (embeddings.length > 0) return Math.max(1, ...prompts.map(own))
  return prompts.reduce((most, prompt) => Math.max(most, Math.ceil(tokenizer.encode(prompt).length / (positions - 2))), 1)
}

/** Splits each prompt into chunks of at most `positions − 2` tokens, frames each with begin and end, and pads with empty frames. */
export function framePrompts(
  tokenizer: ClipTokenizer,
  config: ClipTextConfig,
  prompts: readonly (readonly Segment[])[],
  { emphasis, minChunks = 1, embeddings, encoder }: Framing,
): Frames {
  const { positions, padId } = config
  const framed = prompts.map((segments) => promptChunks(tokenizer, segments, positions - 2, emphasis, embeddings))
  const chunks = Math.max(minChunks, ...framed.map(({ length }) => length))
  const rows = prompts.length * chunks
  const ids = new BigInt64Array(rows * positions)
  const endOfText = new Float32Array(rows * positions)
  const weights = new Float32Array(rows * positions).fill(1)
  const inserted = new InsertedVectors(encoder, config.width, rows * positions)
  framed.forEach((parts, n) => {
    for (let c = 0; c < chunks; c++) {
      const part = parts[c] ?? []
      const row = [tokenizer.bosId, ...part.map(({ id }) => id), tokenizer.eosId]
      const at = (n * chunks + c) * positions
      for (let t = 0; t < positions; t++) ids[at + t] = BigInt(row[t] ?? padId)
      weights.set(
        part.map(({ weight }) => weight),
        at + 1,
      )
      part.forEach(({ vector }, t) => {
        if (vector) inserted.put(at + 1 + t, vector)
      })
      endOfText[at + row.length - 1] = 1
    }
  })
  return { ids, rows, chunks, endOfText, weights, inserted }
}
