import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate, type Generated } from '../../engine/generate.ts'
import { encodePng } from '../../engine/images/write-png.ts'
import { generateRequest } from '../../engine/requests/generate.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { RecordedCase } from './recorded-case.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'

interface Recorded {
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
const recorded = JSON.parse(await readFile(`${fixtures}inpainting/sd1-eps.json`, 'utf8')) as Recorded
const { steps, guidance, height, width, left, top, prompt, negative } = recorded
let folder = ''
let reference: RecordedCase
let model: Model
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-inpainting-'))
  reference = await RecordedCase.open(`${fixtures}reference/sd1-eps`)
  model = await Model.open(reference.layouts.diffusers ?? '', { threads: 1 })
  await writeFile(join(folder, 'picture.png'), await encodePng({ width, height, data: Uint8Array.from(recorded.picture) }))
  const white = (k: number): boolean => Math.floor(k / 3) % width >= left && Math.floor(k / 3 / width) >= top
  const data = Uint8Array.from({ length: width * height * 3 }, (_, k) => (white(k) ? 255 : 0))
  await writeFile(join(folder, 'mask.png'), await encodePng({ width, height, data }))
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await reference[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

test.each(recorded.runs)(
  '$sampler: a masked picture is drawn as diffusers draws it with an ordinary model',
  async ({ sampler, strength, final, image }) => {
    const [initImage, mask] = [join(folder, 'picture.png'), join(folder, 'mask.png')]
    const conditions = { initImage, denoisingStrength: strength, strengthSteps: 'diffusers', mask, maskBlur: 0 }
    const request = generateRequest.parse({ prompt, negative, width, height, steps, sampler, cfg: guidance, conditions })
    const shape = [1, 4, height / model.pixelFactor, width / model.pixelFactor]
    const { latents, pixels } = await last(generate(model, request, { noise: { shape, data: Float32Array.from(recorded.noise) } }))
    expect(relativeL2(latents.data, final)).toBeLessThan(1e-4)
    if (image) expect(relativeL2(pixels.data, image)).toBeLessThan(1e-3)
  },
)

async function last(events: ReturnType<typeof generate>): Promise<Generated> {
  for (;;) {
    const { done, value } = await events.next()
    if (done) return value
  }
}
