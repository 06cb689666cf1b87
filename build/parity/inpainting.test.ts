import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generate, type Generated } from '../../engine/generate.ts'
import { encodePng } from '../../engine/images/write-png.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import type { Formula } from '../reference/expand.ts'
import { RecordedCase } from './recorded-case.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'

interface Recorded {
  /** Of a first convolution of more channels. */
  readonly convIn?: Formula
  readonly steps: number
  readonly guidance: number
  readonly height: number
  readonly width: number
  readonly left: number
  readonly top: number
  readonly prompt: string
  readonly negative: string
  readonly picture: readonly number[]
  readonly noise: readonly number[]
  readonly runs: readonly {
    readonly sampler: string
    readonly strength: number
    readonly final: readonly number[]
    readonly image?: readonly number[]
  }[]
}
const fixtures = fileURLToPath(new URL('../../engine/fixtures/', import.meta.url))
const fields = async (file: string, more: object): Promise<void> =>
  writeFile(file, JSON.stringify({ ...(JSON.parse(await readFile(file, 'utf8')) as object), ...more }))

describe.each([
  ['sd1-eps', 'an ordinary model', undefined],
  ['sd2-v', 'an ordinary model that predicts v', undefined],
  ['sdxl', 'an ordinary model of SDXL', undefined],
  ['sd1-eps', 'a model for inpainting', 'StableDiffusionInpaintPipeline'],
  ['sdxl', 'a model of SDXL for inpainting', 'StableDiffusionXLInpaintPipeline'],
] as const)('%s, %s', (name, _, pipeline) => {
  let folder = ''
  let recorded: Recorded
  let reference: RecordedCase
  let model: Model
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pigment-inpainting-'))
    recorded = JSON.parse(await readFile(`${fixtures}inpainting/${name}${pipeline ? '-9' : ''}.json`, 'utf8')) as Recorded
    const { convIn, width, height, left, top, picture } = recorded
    reference = await RecordedCase.open(`${fixtures}reference/${name}`, convIn && { 'unet:conv_in.weight': convIn })
    const { diffusers = '' } = reference.layouts
    if (pipeline) {
      await fields(join(diffusers, 'model_index.json'), { _class_name: pipeline })
      await fields(join(diffusers, 'unet/config.json'), { in_channels: 9 })
    }
    model = await Model.open(diffusers, { threads: 1 })
    await writeFile(join(folder, 'picture.png'), await encodePng({ width, height, data: Uint8Array.from(picture) }))
    const white = (k: number): boolean => Math.floor(k / 3) % width >= left && Math.floor(k / 3 / width) >= top
    const data = Uint8Array.from({ length: width * height * 3 }, (_, k) => (white(k) ? 255 : 0))
    await writeFile(join(folder, 'mask.png'), await encodePng({ width, height, data }))
  })
  afterAll(async () => {
    await model[Symbol.asyncDispose]()
    await reference[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  })

  const drawn = async (sampler: string, strength: number): Promise<Generated> => {
    const { steps, guidance, height, width, prompt, negative } = recorded
    const start = { initImage: join(folder, 'picture.png'), denoisingStrength: strength, strengthSteps: 'diffusers' }
    const conditions = { ...start, mask: join(folder, 'mask.png'), maskBlur: 0, maskBlend: 'diffusers' }
    const request = generateRequest.parse({ prompt, negative, width, height, steps, sampler, cfg: guidance, conditions })
    const shape = [1, 4, height / model.pixelFactor, width / model.pixelFactor]
    return last(generate(model, request, { noise: { shape, data: Float32Array.from(recorded.noise) } }))
  }

  test.each(['ddim', 'euler', 'dpmpp-2m'])('%s: a masked picture is drawn as diffusers draws it', async (sampler) => {
    const { strength, final, image } = recorded.runs.find((run) => run.sampler === sampler) as Recorded['runs'][number]
    const { latents, pixels } = await drawn(sampler, strength)
    expect(relativeL2(latents.data, final)).toBeLessThan(1e-4)
    if (image) expect(relativeL2(pixels.data, image)).toBeLessThan(1e-3)
  })

  if (pipeline)
    test('its single file is recognised too', async () => {
      const { unet, family } = await openCheckpoint(reference.layouts['single-file'] ?? '')
      expect([family, unet.config.inChannels]).toEqual([model.checkpoint.family, 9])
    })
})

async function last(events: ReturnType<typeof generate>): Promise<Generated> {
  for (;;) {
    const { done, value } = await events.next()
    if (done) return value
  }
}
