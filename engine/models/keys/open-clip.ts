// The text tower as open_clip names it: fused q/k/v rows, and the projection as a bare matrix that is used as x·P.
import { PigmentError } from '../../requests/error.ts'
import type { TensorSource, WeightMap } from '../../checkpoint/config.ts'
import { KeyTable, nested, type KeyRow } from './key-table.ts'

const layerParts: readonly KeyRow[] = [
  ['layer_norm1', 'ln_1'],
  ['layer_norm2', 'ln_2'],
  ['self_attn.out_proj', 'attn.out_proj'],
  ['mlp.fc1', 'mlp.c_fc'],
  ['mlp.fc2', 'mlp.c_proj'],
]

/** Hugging Face ↔ open_clip keys of everything that is stored one to one; q, k, v and the projection are not. */
export function openClipTable(layers: number): KeyTable {
  const rows: KeyRow[] = [
    ['text_model.embeddings.token_embedding', 'token_embedding'],
    ['text_model.embeddings.position_embedding.weight', 'positional_embedding'],
    ['text_model.final_layer_norm', 'ln_final'],
  ]
  for (let n = 0; n < layers; n++) rows.push(...nested(`text_model.encoder.layers.${n}`, `transformer.resblocks.${n}`, layerParts))
  return new KeyTable(rows)
}

/** open_clip tensors under their Hugging Face keys, for the first `layers` blocks. */
export function fromOpenClip(entries: WeightMap, layers: number): Map<string, TensorSource> {
  const table = openClipTable(layers)
  const weights = new Map<string, TensorSource>()
  for (const [key, source] of entries) {
    const fused = /^transformer\.resblocks\.(\d+)\.attn\.in_proj_(weight|bias)$/.exec(key)
    if (fused) {
      if (Number(fused[1]) >= layers) continue
      const path = `text_model.encoder.layers.${fused[1]}.self_attn`
      thirds(key, source).forEach((slice, i) => weights.set(`${path}.${'qkv'[i]}_proj.${fused[2]}`, slice))
    } else if (key === 'text_projection') {
      // `shape` stays as the file has it, (in, out).
      weights.set('text_projection.weight', { ...source, transposed: true })
    } else if (key === 'text_projection.weight') {
      weights.set(key, source)
    } else {
      const ours = table.fromFile(key)
      if (ours !== undefined) weights.set(ours, source)
    }
  }
  return weights
}

/** The q, k and v rows of a fused matrix: a third of the bytes each, since rows are contiguous. */
function thirds(key: string, source: TensorSource): TensorSource[] {
  const [rows = 0, ...rest] = source.shape
  if (rows % 3 !== 0)
    throw new PigmentError(
      'checkpoint-incomplete',
      `"${key}" holds q, k and v in equal parts, but has ${rows} rows. The file is damaged.`,
      {
        key,
        shape: source.shape,
      },
    )
  const length = source.length / 3
  return [0, 1, 2].map((i) => ({ ...source, shape: [rows / 3, ...rest], offset: source.offset + i * length, length }))
}

/** Number of transformer blocks in an open_clip text tower. */
export function openClipLayers(keys: Iterable<string>): number {
  let layers = 0
  for (const key of keys) layers = Math.max(layers, Number(/^transformer\.resblocks\.(\d+)\./.exec(key)?.[1] ?? -1) + 1)
  return layers
}
