// transformers' names of a text encoder, with and without the `text_model.` that files of 2022 and of transformers 5 leave out.
import type { WeightMap } from '../../checkpoint/config.ts'

const parts = /^(embeddings|encoder|final_layer_norm)\./

/** Whether the keys are a text encoder's alone. */
export const isTextEncoder = (keys: readonly string[]): boolean =>
  keys.some((key) => key.startsWith('text_model.')) || keys.includes('embeddings.token_embedding.weight')

/** The weights by today's keys; nobody has both. */
export function currentTextKeys(weights: WeightMap): WeightMap {
  return new Map([...weights].map(([key, source]) => [parts.test(key) ? `text_model.${key}` : key, source]))
}
