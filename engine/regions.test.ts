import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { splitModuleKey } from './adapter-formats/base-modules.ts'
import type { StackEntry } from './adapters/stack.ts'
import { loraModule } from './adapters/variants/lora.ts'
import { generate } from './generate.ts'
import type { Mask } from './images/mask.ts'
import { writePng } from './images/write-png.ts'
import { soundModel, writeDiffusers } from './models/testing.ts'
import type { PigmentError } from './requests/error.ts'
import { generateRequest, type GenerateRequest } from './requests/generate.ts'
import { sessionsCreated } from './runtime/session.ts'
import { Model } from './sessions/open-model.ts'
import { randomStream } from './tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from './tensor/tensor.ts'

let folder = ''
let model: Model
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-'))
  await writeDiffusers(folder, soundModel('sd1', { normGroups: 8 }))
  const words = Object.fromEntries(['a', 'b', 'a</w>', 'b</w>', ',</w>'].map((token, id) => [token, id]))
  await writeFile(join(folder, 'tokenizer/vocab.json'), JSON.stringify({ ...words, '<|startoftext|>': 18, '<|endoftext|>': 19 }))
  model = await Model.open(folder, { threads: 1 })
})
afterAll(async () => {
  await model[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const request = generateRequest.parse({ prompt: 'ab', negative: 'b', steps: 2, width: 64, height: 48, seed: 5 })
const [width, height] = [64, 48]
const white: Mask = { width, height, data: new Uint8Array(width * height).fill(255) }
const black: Mask = { width, height, data: new Uint8Array(width * height) }

async function latents(stack: readonly StackEntry[], other: Partial<GenerateRequest> = {}): Promise<Float32Array> {
  const making = generate(model, { ...request, ...other }, { stack })
  for (;;) {
    const { done, value } = await making.next()
    if (done) return value.latents.data
  }
}

const random = (name: string, shape: readonly number[], scale: number): Tensor => ({
  shape,
  data: randomStream(3, name, 0)
    .normal(elementCount(shape))
    .map((value) => value * scale),
})
const matching = (pattern: RegExp): [key: string, shape: readonly number[]][] =>
  [...model.modules.shapes].filter(([key]) => pattern.test(key))

/** A pair on all layers of the UNet and of the text encoders. */
const pairs = (name: string): StackEntry => ({
  adapter: {
    name,
    modules: matching(/./).map(([key, [O = 0, I = 0, ...kernel]]) => {
      const down = random(`${name} down ${key}`, [2, I, ...kernel], 1 / Math.sqrt(I * elementCount(kernel)))
      return loraModule(splitModuleKey(key), { down, up: random(`${name} up ${key}`, [O, 2, ...kernel.map(() => 1)], 0.1), alpha: 2 })
    }),
    metadata: {},
    skipped: [],
  },
  weight: 1,
  enabled: true,
})
/** Whole Kronecker factors, which elsewhere are folded. */
const dense = (name: string): StackEntry => ({
  adapter: {
    name,
    modules: matching(/^unet.*(attn\d\.to_[vk]|resnets\.0\.conv1)$/).map(([key, [O = 0, I = 0, ...kernel]]) => ({
      ...splitModuleKey(key),
      variant: 'lokr',
      tensors: { w1: random(`w1 ${key}`, [2, 2], 0.2), w2: random(`w2 ${key}`, [O / 2, I / 2, ...kernel], 0.2) },
      alpha: 1,
    })),
    metadata: {},
    skipped: [],
  },
  weight: 1,
  enabled: true,
})
const without = (pattern: RegExp, { adapter, ...entry }: StackEntry): StackEntry => ({
  ...entry,
  adapter: { ...adapter, modules: adapter.modules.filter(({ component, path }) => !pattern.test(`${component}.${path}`)) },
})
/** What has no place in a picture: a region leaves it out. */
const placeless = /time_embedding/

test('white everywhere is the adapter as it is, black everywhere is none, at every layer and in the text', async () => {
  const [one, two] = [pairs('one'), pairs('two')].map((entry) => without(placeless, entry)) as [StackEntry, StackEntry]
  const [seen, also] = [one, two].map((entry) => without(/^text/, entry)) as [StackEntry, StackEntry]
  const [none, both, first, sum] = [await latents([]), await latents([one, two]), await latents([one]), await latents([seen, also])]
  expect(relativeL2(both, none)).toBeGreaterThan(0.05)
  expect(await latents([{ ...one, region: '0,0,1,1' }, two])).toEqual(both)
  expect(relativeL2(await latents([{ ...one, mask: white }, two]), both)).toBeLessThan(3e-6)
  expect(relativeL2(await latents([one, { ...two, mask: black }]), first)).toBeLessThan(3e-6)
  // Two that overlap add up; each hears the text in its own way.
  const overlapping = await latents([
    { ...seen, mask: white },
    { ...also, mask: { ...white } },
  ])
  expect(relativeL2(overlapping, sum)).toBeLessThan(3e-6)
  // Whoever takes the regions away has the pictures of before.
  expect(await latents([one, two])).toEqual(both)
})

test('what is folded elsewhere acts in a region too, and another region takes no session', async () => {
  const one = dense('one')
  const [none, all] = [await latents([]), await latents([one])]
  expect(relativeL2(await latents([{ ...one, mask: white }]), all)).toBeLessThan(5e-6)
  const made = sessionsCreated()
  const [left, right, soft] = [
    await latents([{ ...one, region: '0,0,0.5,1' }]),
    await latents([{ ...one, region: '0.5,0,0.5,1' }]),
    await latents([{ ...one, region: '0,0,0.5,1' }], { regionFeather: 8 }),
  ]
  expect(sessionsCreated()).toBe(made)
  const [there, elsewhere] = [halves(left, none), halves(right, none)]
  expect(there.left).toBeGreaterThan(there.right)
  expect(elsewhere.right).toBeGreaterThan(elsewhere.left)
  expect(relativeL2(soft, left)).toBeGreaterThan(1e-3)
})

test('regions that are found share the picture out by the words of the prompt, the same each time, and in the sessions that are there', async () => {
  const [one, two] = [dense('one'), dense('two')]
  const prompt = 'a, b'
  const painted = await latents([{ ...one, region: '0,0,0.5,1' }, two], { prompt })
  const made = sessionsCreated()
  const auto = [
    { ...one, region: 'auto:a' },
    { ...two, region: 'auto', triggers: ['b'] },
  ]
  const found = await latents(auto, { prompt })
  expect(await latents(auto, { prompt })).toEqual(found)
  expect(sessionsCreated()).toBe(made)
  for (const other of [painted, await latents([], { prompt }), await latents([one, two], { prompt })])
    expect(relativeL2(found, other)).toBeGreaterThan(1e-3)
  await expect(latents(auto, { prompt: 'b' })).rejects.toMatchObject({ code: 'region-auto-words', facts: { name: 'one', words: ['a'] } })
  await expect(latents([{ ...one, region: 'auto' }, two])).rejects.toMatchObject({ code: 'region-auto-alone', facts: { name: 'one' } })
})

/** How far latents are from others in either half. */
function halves(a: Float32Array, b: Float32Array): { left: number; right: number } {
  const columns = 64 / model.pixelFactor
  const sums = { left: 0, right: 0 }
  a.forEach((value, i) => (sums[i % columns < columns / 2 ? 'left' : 'right'] += (value - (b[i] ?? 0)) ** 2))
  return sums
}

test('a region that cannot be is refused by name before anything is drawn', async () => {
  const one = dense('one')
  const refused = async (region: string, other: Partial<GenerateRequest> = {}) =>
    latents([{ ...one, region }], other).then(
      () => '',
      (error: unknown) => (error as PigmentError).code,
    )
  const file = join(folder, 'mask.png')
  await writePng(file, { width: 8, height: 6, data: new Uint8Array(8 * 6 * 3) })
  const tall = join(folder, 'tall.png')
  await writePng(tall, { width: 6, height: 8, data: new Uint8Array(6 * 8 * 3).fill(255) })
  const made = sessionsCreated()
  expect(await refused('0,0,0,1')).toBe('region-invalid')
  expect(await refused('0.5,0,0.6,1')).toBe('region-invalid')
  expect(await refused('0,0,1')).toBe('region-invalid')
  expect(await refused(' ')).toBe('region-invalid')
  expect(await refused('0,0,0.5,1', { mode: 'folded' })).toBe('region-folded')
  expect(await refused(file)).toBe('region-empty')
  expect(await refused(tall)).toBe('region-aspect')
  expect(await refused(join(folder, 'none.png'))).toMatch(/missing|not-found|unreadable|file/)
  expect(sessionsCreated()).toBe(made)
  const set = { ...one, adapter: { ...one.adapter, modules: [biased] }, region: '0,0,0.5,1' }
  await expect(latents([set])).rejects.toMatchObject({ code: 'region-bias' })
})

/** A difference of a bias. */
const biased = { component: 'unet', path: 'conv_in', variant: 'bias', tensors: { biasDelta: random('bias', [8], 1) }, alpha: 1 } as const
