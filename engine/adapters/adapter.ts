// An adapter in memory: what it does to each module, in the reference's shapes, whatever file it came from.
import type { Tensor } from '../tensor/tensor.ts'
import type { Embedding } from '../text/embedding.ts'

export type Component = 'unet' | 'text_encoder' | 'text_encoder_2'

/** Tokens and positions of a text encoder, a table of rows. */
export const isEmbedding = (path: string): boolean => path.includes('.embeddings.')

/** What an adapter does to one layer: tensors whose roles and meaning its variant knows. */
export interface AdapterModule {
  readonly component: Component
  /** Dotted diffusers (UNet) or Hugging Face (CLIP) module path, e.g. `down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_out.0`. */
  readonly path: string
  /** Name of its variant, a file of `variants/`. */
  readonly variant: string
  /** By role, in the shapes that the variant keeps them in. */
  readonly tensors: Readonly<Record<string, Tensor>>
  /** The scale of the update is alpha / rank, for variants that are scaled. */
  readonly alpha: number
}

export interface Adapter {
  readonly name: string
  readonly modules: readonly AdapterModule[]
  /** Textual inversions that came with it: their words are known while it acts. */
  readonly embeddings?: readonly Embedding[]
  /** The file's metadata as it stands there: `ss_*`, `modelspec.*` and the rest. */
  readonly metadata: Readonly<Record<string, string>>
  /** Keys that were in the file but cannot be used, each with the reason. */
  readonly skipped: readonly SkippedKey[]
  /** Of one that was read. */
  readonly reading?: AdapterReading
}

/** How a file was understood, for a person. */
export interface AdapterReading {
  /** Titles of its formats, each with the key that told. */
  readonly formats: Readonly<Record<string, string>>
  /** How many modules have their scale told in which way. */
  readonly scales: Readonly<Record<string, number>>
  /** How many tensors are stored as what. */
  readonly types: Readonly<Record<string, number>>
}

export interface SkippedKey {
  readonly key: string
  readonly reason: string
  /** It belongs to no module of the base model: the file may be another model's. */
  readonly unmatched?: boolean
}

/** Forge does not load a file of which more keys than this match nothing. */
const mostUnmatched = 12

/** Why keys were left out, each reason once, and what their number means. */
export function skippedReasons(skipped: readonly SkippedKey[]): string[] {
  const unmatched = skipped.filter((one) => one.unmatched).length
  const many =
    unmatched > mostUnmatched
      ? [
          `${unmatched} of the file's keys match nothing in the base model: it may be made for another one, and Forge refuses a file with more than ${mostUnmatched} such keys.`,
        ]
      : []
  return [...many, ...new Set(skipped.map(({ reason }) => reason))]
}
