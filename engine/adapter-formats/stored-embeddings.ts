import type { TensorToWrite } from '../files/safetensors.ts'
import type { Embedding } from '../text/embedding.ts'
import { stored, type Precision } from './format.ts'

/** Textual inversions as they stand beside the layers of an adapter: names that A1111 and ComfyUI both read. */
export const storedEmbeddings = (embeddings: readonly Embedding[], precision: Precision): TensorToWrite[] =>
  embeddings.flatMap(({ names: [name = ''], vectors }) =>
    Object.entries(vectors).map(([encoder, tensor]) => stored(`bundle_emb.${name}.${encoder || 'string_to_param.*'}`, tensor, precision)),
  )
