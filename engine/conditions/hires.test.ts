import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate, generateTogether, type Generated } from '../generate.ts'
import type { Size } from '../images/model-range.ts'
import { soundModel, writeDiffusers } from '../models/testing.ts'
import { generateRequest, type ConditionOptions, type GenerateEvent } from '../requests/generate.ts'
import { Model } from '../sessions/open-model.ts'
import { leastMaps, refuseBeyondMemory } from '../sessions/least-memory.ts'
import { relativeL2 } from '../tensor/tensor.ts'
import { checkSampling, chosenConditions, conditionsWritten, lastSize, promptsAsked, stepsTaken } from './chosen.ts'

let folder = ''
let model: Model
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-hires-'))
  await writeDiffusers(join(folder, 'sd1'), soundModel('sd1'))
  model = await Model.open(join(folder, 'sd1'), { threads: 1 })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const request = (conditions: ConditionOptions, more: object = {}) =>
  generateRequest.parse({ prompt: 'ab', steps: 4, sampler: 'euler', seed: 3, width: 48, height: 32, conditions, ...more })
async function drawn(making: AsyncGenerator<GenerateEvent, Generated | Generated[]>) {
  const steps: string[] = []
  for (;;) {
    const { done, value } = await making.next()
    if (done) return { pictures: [value].flat(), steps }
    if (value.type === 'step') steps.push(`${value.step}/${value.steps}`)
  }
}
const far = (a: Generated | undefined, b: Generated | undefined): number => relativeL2(a?.latents.data ?? [], b?.latents.data ?? [])

test('the picture is drawn once more at the larger size, and its steps are counted behind the first', async () => {
  const asked = request({ hiresScale: 1.5, hiresStrength: 0.5, hiresSteps: 6 })
  // A1111: int(0.5 · 6) + 1 steps.
  expect(stepsTaken(asked)).toBe(4 + 4)
  const { pictures, steps } = await drawn(generate(model, asked))
  expect(steps).toEqual(Array.from({ length: 8 }, (_, i) => `${i + 1}/8`))
  expect(pictures[0]).toMatchObject({ width: 72, height: 48 })
  expect(pictures[0]?.latents.shape.slice(2)).toEqual([48 / model.pixelFactor, 72 / model.pixelFactor])
})

test('a side is cut to whole cells of the latents, and each upscaler and strength draws another picture', async () => {
  const of = async (conditions: ConditionOptions) => (await drawn(generate(model, request({ hiresScale: 1.3, ...conditions })))).pictures[0]
  const all = await Promise.all(
    ['latent', 'latent-bicubic', 'latent-nearest', 'lanczos'].map((hiresUpscaler) => of({ hiresUpscaler, hiresStrength: 0.3 })),
  )
  const factor = model.pixelFactor
  expect([all[0]?.width, all[0]?.height]).toEqual([Math.floor(62 / factor) * factor, Math.floor(41 / factor) * factor])
  for (const [i, one] of all.entries()) for (const other of all.slice(i + 1)) expect(far(one, other)).toBeGreaterThan(1e-3)
  const strong = await of({ hiresUpscaler: 'latent', hiresStrength: 1 })
  expect(far(strong, all[0])).toBeGreaterThan(0.05)
})

test('pictures drawn together are those that are drawn alone', async () => {
  const wanted = request({ hiresScale: 2, hiresUpscaler: 'lanczos' })
  const alone = await drawn(generate(model, { ...wanted, seed: 8 }))
  const together = await drawn(generateTogether(model, wanted, [3, 8].map((seed) => ({ prompt: 'ab', seed })))) // prettier-ignore
  expect(far(together.pictures[1], alone.pictures[0])).toBeLessThan(1e-4)
})

test('it says of itself what A1111 says, and does not go with a picture to begin with', () => {
  expect(conditionsWritten({ hiresScale: 2, hiresUpscaler: 'latent-nearest' })).toEqual([
    ['Hires upscale', '2'],
    ['Denoising strength', '0.7'],
    ['Hires upscaler', 'Latent (nearest-exact)'],
    ['Hires steps', '0'],
  ])
  expect(() => chosenConditions({ hiresScale: 2, initImage: 'a.png' })).toThrow('"hiresScale" does not go with "initImage"')
  expect(() => chosenConditions({ hiresSteps: 5 })).toThrow('"hiresSteps" does nothing without "hiresScale"')
})

test('what is not there is refused before anything is drawn, and names stand in the line as A1111 has them', () => {
  const asked = request({
    hiresScale: 2,
    hiresSampler: 'euler-ancestral',
    hiresSchedule: 'karras',
    hiresPrompt: 'a hut',
    hiresNegative: '',
  })
  expect(promptsAsked(asked)).toEqual(['ab', '', 'a hut', ''])
  expect(conditionsWritten(asked.conditions, asked).slice(4)).toEqual([
    ['Hires sampler', 'Euler a'],
    ['Hires schedule type', 'Karras'],
    ['Hires prompt', 'a hut'],
  ])
  const given = (more: ConditionOptions) => () => checkSampling(asked, { hiresScale: 2, ...more })
  expect(given({ hiresSampler: 'ESRGAN' })).toThrow('There is no sampler "ESRGAN".')
  expect(given({ hiresSchedule: 'moon' })).toThrow('There is no schedule "moon".')
  expect(given({ hiresSampler: 'euler', hiresSchedule: 'strided' })).toThrow(/goes by/)
  expect(given({ hiresPrompt: 'x <lora:y:1>' })).toThrow('"hiresPrompt" calls an adapter (<lora:y:1>)')
})

test('what no memory holds is refused by the size of the larger picture, before anything is drawn', () => {
  // Of SD 1.5: the maps of its way down are 320 + 2·320 + 320/4 + 2·640/4 + 640/16 + 2·1280/16 + 1280/64 + 2·1280/64 numbers for each cell.
  expect(leastMaps({ blockOutChannels: [320, 640, 1280, 1280], layersPerBlock: 2 }, 64, 64)).toBe(4 * 64 * 64 * (960 + 400 + 200 + 60))
  expect(lastSize({ width: 48, height: 36 }, { hiresScale: 1.5 }, 4)).toEqual({ width: 72, height: 52 })
  const refused = (size: Size, total: number) => () => refuseBeyondMemory(model, size, { total })
  expect(refused({ width: 48, height: 32 }, 1e9)).not.toThrow()
  expect(refused(lastSize({ width: 4096, height: 4096 }, { hiresScale: 4 }, 4), 1e9)).toThrow(
    /^A picture of 16384×16384 takes more than .* and this machine has 1.0 GB/,
  )
})
