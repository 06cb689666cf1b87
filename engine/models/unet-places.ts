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
