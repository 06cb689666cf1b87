// The VAE as the original ldm code names it. Its decoder counts levels from fine to coarse, diffusers from coarse to fine.
import { KeyTable, nested, type KeyRow } from './key-table.ts'

/** What the numbering depends on. */
export interface VaeLayout {
  readonly levels: number
  readonly layersPerBlock: number
}

const resnetParts: readonly KeyRow[] = ['norm1', 'conv1', 'norm2', 'conv2']
  .map((name): KeyRow => [name, name])
  .concat([['conv_shortcut', 'nin_shortcut']])

const attentionParts: readonly KeyRow[] = [
  ['group_norm', 'norm'],
  ['to_q', 'q'],
  ['to_k', 'k'],
  ['to_v', 'v'],
  ['to_out.0', 'proj_out'],
]

/** Diffusers ↔ ldm module paths (without `first_stage_model.`) for any number of levels and layers. */
export function ldmVaeTable({ levels, layersPerBlock }: VaeLayout): KeyTable {
  const rows: KeyRow[] = [
    ['quant_conv', 'quant_conv'],
    ['post_quant_conv', 'post_quant_conv'],
  ]
  for (const half of ['encoder', 'decoder']) {
    rows.push(
      [`${half}.conv_in`, `${half}.conv_in`],
      [`${half}.conv_out`, `${half}.conv_out`],
      [`${half}.conv_norm_out`, `${half}.norm_out`],
    )
    rows.push(...nested(`${half}.mid_block.resnets.0`, `${half}.mid.block_1`, resnetParts))
    rows.push(...nested(`${half}.mid_block.attentions.0`, `${half}.mid.attn_1`, attentionParts))
    rows.push(...nested(`${half}.mid_block.resnets.1`, `${half}.mid.block_2`, resnetParts))
  }
  for (let i = 0; i < levels; i++) {
    const mirrored = levels - 1 - i
    const down = `encoder.down_blocks.${i}`
    const up = `decoder.up_blocks.${mirrored}`
    for (let j = 0; j < layersPerBlock; j++) rows.push(...nested(`${down}.resnets.${j}`, `encoder.down.${i}.block.${j}`, resnetParts))
    for (let j = 0; j <= layersPerBlock; j++) rows.push(...nested(`${up}.resnets.${j}`, `decoder.up.${i}.block.${j}`, resnetParts))
    if (i < levels - 1) rows.push([`${down}.downsamplers.0.conv`, `encoder.down.${i}.downsample.conv`])
    if (i > 0) rows.push([`${up}.upsamplers.0.conv`, `decoder.up.${i}.upsample.conv`])
  }
  return new KeyTable(rows)
}

/** Levels and layers, read off the numbering of an ldm VAE's keys (without `first_stage_model.`). */
export function ldmVaeLayout(keys: Iterable<string>): VaeLayout {
  let levels = 0
  let layersPerBlock = 0
  for (const key of keys) {
    const [, i, j] = /^encoder\.down\.(\d+)\.block\.(\d+)\./.exec(key) ?? []
    levels = Math.max(levels, Number(i ?? -1) + 1)
    layersPerBlock = Math.max(layersPerBlock, Number(j ?? -1) + 1)
  }
  return { levels, layersPerBlock }
}

const oldAttentionNames: Readonly<Record<string, string>> = { query: 'to_q', key: 'to_k', value: 'to_v', proj_attn: 'to_out.0' }

/** Attention modules were called query, key, value and proj_attn before diffusers 0.17; this gives today's key. */
export const currentVaeKey = (key: string): string =>
  key.replace(/(\.attentions\.\d+\.)(query|key|value|proj_attn)(?=\.)/, (_, path: string, name: string) => path + oldAttentionNames[name])
