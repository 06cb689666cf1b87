// What the output of each layer of a UNet2DConditionModel stands for.
import type { UNetConfig } from '../checkpoint/config.ts'
import type { Place } from '../nn/regions.ts'

/** The level of its cells, counted from the finest; for layers of the text, or of vectors, what these are. */
export function placeOf(path: string, { blockOutChannels }: Pick<UNetConfig, 'blockOutChannels'>): Place {
  if (/\.attn2\.to_[kv]$/.test(path)) return 'text'
  if (path.endsWith('.time_emb_proj')) return 'groups'
  if (/^(time|add)_embedding\./.test(path)) return 'all'
  const last = blockOutChannels.length - 1
  if (path.startsWith('mid_block.')) return last
  const [, side, number = ''] = /^(down|up)_blocks\.(\d+)\./.exec(path) ?? []
  if (side === undefined) return 0
  // A sampler's own output is that of the next level.
  const sampled = path.includes('samplers.') ? 1 : 0
  return side === 'down' ? Number(number) + sampled : last - Number(number) - sampled
}

/** Cells that a level must have at the usual size, for regions to be found on it. */
const leastCells = 64

/**
 * The transformer block on which regions are found, and its level: of the first attention on the coarsest level on the way up that has cells enough, the
 * fourth block or the last. FreeFuse's choice for SDXL, `up_blocks.0.attentions.0.transformer_blocks.3`.
 */
export function lookedAt({
  blockOutChannels,
  transformerLayers,
  sampleSize,
}: Pick<UNetConfig, 'blockOutChannels' | 'transformerLayers' | 'sampleSize'>):
  { readonly block: string; readonly level: number } | undefined {
  const last = blockOutChannels.length - 1
  const levels = transformerLayers.flatMap((depth, level) => (depth > 0 ? [level] : []))
  const level = levels.findLast((one) => Math.ceil(sampleSize / 2 ** one) ** 2 >= leastCells) ?? levels[0]
  if (level === undefined) return undefined
  const at = Math.min(3, (transformerLayers[level] ?? 1) - 1)
  return { block: `up_blocks.${last - level}.attentions.0.transformer_blocks.${at}`, level }
}
