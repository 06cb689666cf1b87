// Prompts that change by the call, and several at once, in pictures of a small network.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate, generateTogether } from './generate.ts'
import { soundModel, writeDiffusers } from './models/testing.ts'
import { generateRequest, type GenerateRequest } from './requests/generate.ts'
import { Model } from './sessions/open-model.ts'
import { relativeL2 } from './tensor/tensor.ts'

let folder = ''
let model: Model
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-scheduled-'))
  await writeDiffusers(join(folder, 'sdxl'), soundModel('sdxl'))
  model = await Model.open(join(folder, 'sdxl'), { threads: 1 })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const asked = { negative: 'b', steps: 4, width: 64, height: 48, sampler: 'euler', seed: 3 }
async function drawn(prompt: string, change: Partial<GenerateRequest> = {}): Promise<Float32Array> {
  const course = generate(model, generateRequest.parse({ ...asked, prompt, ...change }))
  let result = await course.next()
  while (!result.done) result = await course.next()
  return result.value.latents.data
}
const apart = async (one: Promise<Float32Array>, other: Promise<Float32Array>): Promise<number> => relativeL2(await one, await other)

test('a prompt that never changes within the steps is the one it says, and one that does is neither', async () => {
  expect(await drawn('[a:ab:99] b')).toEqual(await drawn('a b'))
  expect(await drawn('[a:ab:0] b')).toEqual(await drawn('ab b'))
  const changing = drawn('[a:ab:1] b')
  expect(await apart(changing, drawn('a b'))).toBeGreaterThan(1e-6)
  expect(await apart(changing, drawn('ab b'))).toBeGreaterThan(1e-6)
  // Four calls: the first two are said by the first text, in both.
  expect(await drawn('[a:ab:0.25] b')).toEqual(await changing)
  expect(await drawn('ab', { negative: '[b:a:99]' })).toEqual(await drawn('ab'))
  expect(await apart(drawn('ab', { negative: '[b:ab:1]' }), drawn('ab'))).toBeGreaterThan(1e-6)
})

test('a solver that asks twice a step counts twice: a share stays where it is, a number comes at half of the way', async () => {
  const heun = { sampler: 'heun', steps: 4 }
  expect(await drawn('[a:ab:4]', heun)).toEqual(await drawn('[a:ab:0.5]', heun))
  expect(await apart(drawn('[a:ab:2]', heun), drawn('[a:ab:0.5]', heun))).toBeGreaterThan(1e-6)
})

test.each<[string, Partial<GenerateRequest>]>([
  ['guided', {}],
  ['not guided', { cfg: 1 }],
  ['guided over half of the way', { guidanceStop: 0.5 }],
])('several prompts at once are summed by weight: %s', async (_, change) => {
  expect(await apart(drawn('a AND ab :0', change), drawn('a', change))).toBeLessThan(1e-5)
  expect(await apart(drawn('a :0.25 AND a :0.75', change), drawn('a', change))).toBeLessThan(1e-5)
  expect(await apart(drawn('a AND ab', change), drawn('a', change))).toBeGreaterThan(1e-6)
})

test('A1111’s other ways with weights read all else alike', async () => {
  const [usual, noNorm, ignored] = [{}, { emphasis: 'a1111-no-norm' }, { emphasis: 'a1111-ignore' }] as const
  expect(await drawn('[a:ab:1] b', noNorm)).toEqual(await drawn('[a:ab:1] b', usual))
  expect(await drawn('[a:(ab:1.5):1] b', ignored)).toEqual(await drawn('[a:ab:1] b', usual))
  expect(await apart(drawn('(a:1.5) b', noNorm), drawn('(a:1.5) b', usual))).toBeGreaterThan(1e-6)
})

test('as ComfyUI reads it nothing changes, and pictures drawn together have each its own', async () => {
  expect(await apart(drawn('[a:ab:99]', { emphasis: 'comfyui' }), drawn('a', { emphasis: 'comfyui' }))).toBeGreaterThan(1e-6)
  const pictures = [
    { prompt: '[a|ab]', seed: 5 },
    { prompt: 'a AND b :0.5', seed: 6 },
  ]
  const course = generateTogether(model, generateRequest.parse({ ...asked, prompt: '' }), pictures)
  let result = await course.next()
  while (!result.done) result = await course.next()
  for (const [n, { prompt, seed }] of pictures.entries())
    expect(relativeL2(result.value[n]?.latents.data ?? [], await drawn(prompt, { seed }))).toBeLessThan(1e-5)
})
