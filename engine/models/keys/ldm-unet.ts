// The UNet as the original ldm/sgm code names it: one numbered list of blocks down, a middle, one numbered list up.
import { PigmentError } from '../../requests/error.ts'
import type { UNetConfig } from '../../checkpoint/config.ts'
import { KeyTable, nested, type KeyRow } from './key-table.ts'

/** What the numbering depends on; every UNetConfig is one. */
export type UNetLayout = Pick<UNetConfig, 'layersPerBlock' | 'transformerLayers'>

const resnetParts: readonly KeyRow[] = [
  ['norm1', 'in_layers.0'],
  ['conv1', 'in_layers.2'],
  ['time_emb_proj', 'emb_layers.1'],
  ['norm2', 'out_layers.0'],
  ['conv2', 'out_layers.3'],
  ['conv_shortcut', 'skip_connection'],
]

const endRows: readonly KeyRow[] = [
  ['time_embedding.linear_1', 'time_embed.0'],
  ['time_embedding.linear_2', 'time_embed.2'],
  ['add_embedding.linear_1', 'label_emb.0.0'],
  ['add_embedding.linear_2', 'label_emb.0.2'],
  ['conv_in', 'input_blocks.0.0'],
  ['conv_norm_out', 'out.0'],
  ['conv_out', 'out.2'],
  ...nested('mid_block.resnets.0', 'middle_block.0', resnetParts),
  ['mid_block.attentions.0', 'middle_block.1'],
  ...nested('mid_block.resnets.1', 'middle_block.2', resnetParts),
]

/** Diffusers ↔ ldm module paths (without `model.diffusion_model.`) for any number of levels and layers. */
export function ldmUnetTable({ layersPerBlock, transformerLayers }: UNetLayout): KeyTable {
  const rows = [...endRows]
  const levels = transformerLayers.length
  transformerLayers.forEach((_, i) => {
    const start = i * (layersPerBlock + 1) + 1
    for (let j = 0; j < layersPerBlock; j++) {
      rows.push(...nested(`down_blocks.${i}.resnets.${j}`, `input_blocks.${start + j}.0`, resnetParts))
      rows.push([`down_blocks.${i}.attentions.${j}`, `input_blocks.${start + j}.1`])
    }
    if (i < levels - 1) rows.push([`down_blocks.${i}.downsamplers.0.conv`, `input_blocks.${start + layersPerBlock}.0.op`])
  })
  transformerLayers.toReversed().forEach((depth, i) => {
    const start = i * (layersPerBlock + 1)
    for (let j = 0; j <= layersPerBlock; j++) {
      rows.push(...nested(`up_blocks.${i}.resnets.${j}`, `output_blocks.${start + j}.0`, resnetParts))
      if (depth > 0) rows.push([`up_blocks.${i}.attentions.${j}`, `output_blocks.${start + j}.1`])
    }
    // The upsampler stands after whatever the last layer of its block holds.
    const slot = depth > 0 ? 2 : 1
    if (i < levels - 1) rows.push([`up_blocks.${i}.upsamplers.0.conv`, `output_blocks.${start + layersPerBlock}.${slot}.conv`])
  })
  return new KeyTable(rows)
}

const tables = new WeakMap<UNetLayout, KeyTable>()
function tableOf(config: UNetLayout): KeyTable {
  const table = tables.get(config) ?? ldmUnetTable(config)
  tables.set(config, table)
  return table
}

/** The ldm path of a diffusers UNet module, e.g. `input_blocks.4.1.proj_in` for SDXL's `down_blocks.1.attentions.0.proj_in`. */
export function ldmPath(diffusersPath: string, config: UNetLayout): string {
  const path = tableOf(config).toFile(diffusersPath)
  if (path === undefined)
    throw new PigmentError(
      'unet-path-unknown',
      `"${diffusersPath}" is not a module of this UNet; expected a diffusers path such as "conv_in".`,
      {
        path: diffusersPath,
      },
    )
  return path
}

/** The numbered block that a module of a UNet stands in, `IN04`, `M00` or `OUT11`; undefined for those of time, size and the last layer. */
export function unetBlock(diffusersPath: string, config: UNetLayout): string | undefined {
  const [, kind, n = ''] = /^(input|middle|output)_blocks?\.(\d+)\./.exec(`${tableOf(config).toFile(diffusersPath) ?? ''}.`) ?? []
  if (kind === undefined) return undefined
  return kind === 'middle' ? 'M00' : `${kind === 'input' ? 'IN' : 'OUT'}${n.padStart(2, '0')}`
}

/** Levels, layers and attention depths, read off the numbering of an ldm UNet's keys (without `model.diffusion_model.`). */
export function ldmUnetLayout(keys: Iterable<string>): UNetLayout {
  let blocks = 0
  const downsamplers: number[] = []
  const depths = new Map<number, number>()
  for (const key of keys) {
    const [, n, rest] = /^input_blocks\.(\d+)\.(.*)$/.exec(key) ?? []
    if (n === undefined || rest === undefined) continue
    blocks = Math.max(blocks, Number(n))
    if (rest === '0.op.weight') downsamplers.push(Number(n))
    const depth = /^1\.transformer_blocks\.(\d+)\./.exec(rest)?.[1]
    if (depth !== undefined) depths.set(Number(n), Math.max(depths.get(Number(n)) ?? 0, Number(depth) + 1))
  }
  // Without a downsampler there is one level, and all blocks after conv_in are its layers.
  const layersPerBlock = downsamplers.length > 0 ? Math.min(...downsamplers) - 1 : blocks
  const transformerLayers = Array.from({ length: downsamplers.length + 1 }, (_, i) => depths.get(i * (layersPerBlock + 1) + 1) ?? 0)
  return { layersPerBlock, transformerLayers }
}
