// Ranks of an adapter of the fake studio, as AdaLoRA leaves them: little at the outside, most in the middle.
import type { RankBlock } from '../../../engine/requests/rank-blocks.ts'

const blocks = [
  'BASE',
  'IN01',
  'IN02',
  'IN04',
  'IN05',
  'IN07',
  'IN08',
  'M00',
  'OUT03',
  'OUT04',
  'OUT05',
  'OUT06',
  'OUT07',
  'OUT08',
  'OUT09',
]
const parts = ['attn1.to_q', 'attn1.to_k', 'attn1.to_v', 'attn1.to_out.0', 'attn2.to_q', 'attn2.to_k', 'attn2.to_v', 'attn2.to_out.0', 'ff.net.0.proj', 'ff.net.2'] // prettier-ignore

export const grainRanks: readonly RankBlock[] = blocks.map((block, i) => ({
  block,
  ranks: Object.fromEntries(
    parts.map((part, k) => [
      `${block.toLowerCase()}.transformer_blocks.0.${part}`,
      Math.max(0, 14 - 2 * Math.abs(7 - i) + ((i * 7 + k * 5) % 6) - 2),
    ]),
  ),
}))
