// How strongly an entry of a stack acts, and where.
import type { BlockWeights } from './block-weights.ts'

export interface Strength {
  /** In the UNet; may be negative. */
  readonly weight: number
  /** In the text encoders, where it is another. */
  readonly textWeight?: number | undefined
  /** Factors of both, by block. */
  readonly blocks?: BlockWeights | undefined
}
