// A textual inversion (Gal et al. 2022): vectors that stand in a prompt where a word's would.
import type { Tensor } from '../tensor/tensor.ts'

export interface Embedding {
  /** As prompts call it, whatever the case of letters: the name of its file, or of its place in an adapter's, and the token that it keeps inside. */
  readonly names: readonly string[]
  /** By the name of a text encoder, '' where the file names none: (n, D), of equally many rows each. */
  readonly vectors: Readonly<Record<string, Tensor>>
  /** Where it lies. */
  readonly file: string
  /** It came with an adapter, and is there while that acts. */
  readonly bundled?: true
}

/** Positions of a prompt that it takes. */
export const vectorCount = ({ vectors }: Embedding): number => Object.values(vectors)[0]?.shape[0] ?? 0

/** One of its vectors, in place of a token's. */
export interface EmbeddedRow {
  readonly embedding: Embedding
  readonly row: number
}
