// The files of a case that both sides read, and what PyTorch is told of it.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unetJson, vaeJson } from '../../../engine/models/testing.ts'
import type { UNetConfig } from '../../../engine/checkpoint/config.ts'
import { noise } from '../against-torch/ours.ts'
import { vae } from '../against-torch/cases.ts'
import { weightFile, writeWeights } from '../against-torch/weights.ts'
import { writeRandomUnet } from '../random-unet.ts'
import { guidance, inputsOf, levels, rank, shapes, type Case, type Shape } from './cases.ts'

const unetFolder = ({ folder, shape }: Case): string => join(folder, shape)

/** Writes the weights that are not there yet. */
export async function prepareCase(own: Case): Promise<void> {
  const { unet }: Shape = shapes[own.shape]
  mkdirSync(unetFolder(own), { recursive: true })
  if (!existsSync(join(unetFolder(own), 'unet.safetensors'))) await writeRandomUnet(unet, unetFolder(own))
  if (own.task === 'picture') await writeWeights('vae', own.folder)
}

/** Writes inputs and case, and gives the file that tells PyTorch of them. */
export function told(own: Case): string {
  const shape: Shape = shapes[own.shape]
  const start = noise('start', [1, shape.unet.inChannels, shape.cells, shape.cells])
  const inputs = Object.fromEntries(
    Object.entries({ ...inputsOf(shape, own.task), start }).map(([name, { shape: sides, data }]) => {
      const path = join(own.folder, `input-${name}`)
      writeFileSync(path, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
      return [name, { shape: sides, path }]
    }),
  )
  const path = join(own.folder, 'case.json')
  const network = { config: configOf(shape.unet), weights: join(unetFolder(own), 'unet.safetensors') }
  writeFileSync(
    path,
    JSON.stringify({
      ...own,
      ...network,
      inputs,
      levels,
      guidance,
      rank,
      vae: { config: vaeConfig(), weights: weightFile('vae', own.folder) },
    }),
  )
  return path
}

/** As diffusers spells it. */
function configOf(unet: UNetConfig): object {
  const { _class_name, ...config } = unetJson(unet)
  const down = unet.transformerLayers.map((depth) => (depth > 0 ? 'CrossAttnDownBlock2D' : 'DownBlock2D'))
  return {
    ...config,
    transformer_layers_per_block: unet.transformerLayers.map((depth) => Math.max(1, depth)),
    down_block_types: down,
    up_block_types: down.toReversed().map((name) => name.replace('Down', 'Up').replace('Down', 'Up')),
  }
}

const vaeConfig = (): object => {
  const { _class_name, ...config } = vaeJson(vae)
  return {
    ...config,
    in_channels: 3,
    out_channels: 3,
    down_block_types: vae.blockOutChannels.map(() => 'DownEncoderBlock2D'),
    up_block_types: vae.blockOutChannels.map(() => 'UpDecoderBlock2D'),
  }
}
