import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { splitModuleKey, weightShape } from '../adapter-formats/base-modules.ts'
import type { Component } from '../adapters/adapter.ts'
import type { StackEntry } from '../adapters/stack.ts'
import { soundModel, writeDiffusers, type Weights } from '../models/testing.ts'
import { loraModule } from '../adapters/variants/lora.ts'
import { runAdapted, StackFeeds, type AdaptedSession } from './adapted-session.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from '../tensor/tensor.ts'
import { Model } from './open-model.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-'))))
afterAll(() => rm(folder, { recursive: true }))

const random = (name: string, shape: readonly number[], scale: number): Tensor => ({
  shape,
  data: randomStream(3, name, 0)
    .normal(elementCount(shape))
    .map((value) => value * scale),
})

/** Random pairs on the named modules. */
function stackOn(model: Model, keys: readonly string[], strength: number): StackEntry[] {
  const modules = keys.map((key) => {
    const [O = 0, I = 0, ...kernel] = model.modules.shapes.get(key) ?? []
    const down = random(`down ${key}`, [2, I, ...kernel], 1 / Math.sqrt(I))
    return loraModule(splitModuleKey(key), { down, up: random(`up ${key}`, [O, 2, ...kernel.map(() => 1)], strength), alpha: 2 })
  })
  return [{ adapter: { name: 'random', modules, metadata: {}, skipped: [] }, weight: 1, enabled: true }]
}

/** Whole Kronecker factors with magnitudes: they are folded, and scale the weight besides. */
function wholeOn(model: Model, keys: readonly string[]): StackEntry {
  const modules = keys.map((key) => {
    const [O = 0, I = 0] = model.modules.shapes.get(key) ?? []
    const magnitude = { shape: [O, 1], data: random(`magnitude ${key}`, [O, 1], 0.3).data.map((value) => value + 2) }
    const tensors = { w1: random(`w1 ${key}`, [2, 2], 0.3), w2: random(`w2 ${key}`, [O / 2, I / 2], 0.3), magnitude }
    return { ...splitModuleKey(key), variant: 'lokr', tensors, alpha: 1 }
  })
  return { adapter: { name: 'whole', modules, metadata: {}, skipped: [] }, weight: 0.7, enabled: true }
}

/** Whole differences of weights and biases: LyCORIS has no others of norms, and nobody of embeddings. */
function differencesOn(model: Model, keys: readonly string[], strength: number): StackEntry {
  const modules = keys.flatMap((key) => {
    const shape = weightShape(model.modules, key)
    const [delta, bias] = shape.length === 1 ? ['normDelta', 'normBiasDelta'] : ['delta', 'biasDelta']
    const of = (variant: string, role: string, size: readonly number[]) => {
      return { ...splitModuleKey(key), variant, tensors: { [role]: random(`${role} ${key}`, size, strength) }, alpha: 1 }
    }
    return [of('full', delta, shape), ...(/\.embeddings\.|to_k$/.test(key) ? [] : [of('bias', bias, shape.slice(0, 1))])]
  })
  return { adapter: { name: 'differences', modules, metadata: {}, skipped: [] }, weight: 0.7, enabled: true }
}

/** Weights that have an entry's differences in them. */
function withDifferences(weights: Weights, { adapter, weight }: StackEntry, component: Component): Weights {
  const changed = new Map(weights)
  for (const module of adapter.modules.filter((one) => one.component === component)) {
    const key = `${module.path}.${module.variant === 'bias' ? 'bias' : 'weight'}`
    const [difference] = Object.values(module.tensors)
    const { shape, data } = weights.get(key) as Tensor
    changed.set(key, { shape, data: data.map((value, i) => value + weight * (difference?.data[i] ?? 0)) })
  }
  return changed
}

interface Networks {
  readonly unet: AdaptedSession
  readonly texts?: readonly AdaptedSession[]
}

/** What the model makes of one prompt and one latent: the first step towards a picture. */
async function drawn(model: Model, { unet, texts }: Networks, feeds: StackFeeds): Promise<Float32Array> {
  const { context, pooled } = await model.encodePrompts(['a'], { feeds, texts })
  const size = { shape: [1, 6], data: Float32Array.of(64, 64, 0, 0, 64, 64) }
  const inputs = {
    sample: random('sample', [1, 4, 8, 8], 1),
    timestep: { shape: [1], data: Float32Array.of(500) },
    context,
    ...(pooled ? { pooled, time_ids: size } : {}),
  }
  return (await runAdapted(unet, inputs, feeds)).out?.data as Float32Array
}

describe.each([
  ['sd1', []],
  ['sd2', []],
  // Both encoders are heard one layer before their last; only the second one's last goes into its pooled text.
  ['sdxl', [/^text_encoder\.text_model\.encoder\.layers\.1\./]],
] as const)('%s', (family, unheard) => {
  let model: Model
  beforeAll(async () => {
    // With one channel a group, the norm behind it would take away what a time projection adds.
    await writeDiffusers(join(folder, family), soundModel(family, { normGroups: 8 }))
    model = await Model.open(join(folder, family), { threads: 1 })
  })
  afterAll(() => model[Symbol.asyncDispose]())

  test('a pair on any module alone changes the picture', async () => {
    const keys = [...model.modules.shapes.keys()]
    const unet = await model.unet(stackOn(model, keys, 1))
    const base = await drawn(model, { unet }, new StackFeeds([]))
    const silent: string[] = []
    for (const key of keys) {
      const changed = await drawn(model, { unet }, new StackFeeds(stackOn(model, [key], 1)))
      if (!(relativeL2(changed, base) > 1e-4)) silent.push(key)
    }
    expect(silent).toEqual(keys.filter((key) => unheard.some((sign) => sign.test(key))))
    if (family === 'sdxl') expect(keys).toContain('text_encoder_2.text_projection')
  })

  test('pairs on all modules give the same stacked and folded', async () => {
    const stack = stackOn(model, [...model.modules.shapes.keys()], 0.1)
    const unet = await model.unet(stack)
    const stacked = await drawn(model, { unet }, new StackFeeds(stack))
    const folded = await model.folded(stack)
    const other = await drawn(model, folded, new StackFeeds([]))
    for (const { session } of [folded.unet, ...folded.texts]) await session[Symbol.asyncDispose]()
    expect(relativeL2(stacked, other)).toBeLessThan(1e-5)
    expect(relativeL2(stacked, await drawn(model, { unet }, new StackFeeds([])))).toBeGreaterThan(0.1)
  })

  test('whole differences of weights and biases are those of a model that has them, also of norms and embeddings', async () => {
    const { shapes, closed } = model.modules
    const keys = [...closed.keys(), ...[...shapes.keys()].filter((key) => /conv_|time_embedding|attn2\.to_k|mlp\.fc1|proj_in/.test(key))]
    const entry = differencesOn(model, keys, 0.1)
    const sound = soundModel(family, { normGroups: 8 })
    const changed = {
      ...sound,
      unet: { ...sound.unet, weights: withDifferences(sound.unet.weights, entry, 'unet') },
      textEncoders: sound.textEncoders.map((encoder, i) => ({
        ...encoder,
        weights: withDifferences(encoder.weights, entry, i === 0 ? 'text_encoder' : 'text_encoder_2'),
      })),
    }
    await writeDiffusers(join(folder, `${family}-changed`), changed)
    await using merged = await Model.open(join(folder, `${family}-changed`), { threads: 1 })
    const feeds = new StackFeeds([entry])
    const stacked = await drawn(model, { unet: await model.unet([entry]) }, feeds)
    const expected = await drawn(merged, { unet: await merged.unet() }, new StackFeeds([]))
    expect(relativeL2(stacked, expected)).toBeLessThan(1e-5)
    expect(relativeL2(stacked, await drawn(model, { unet: await model.unet() }, new StackFeeds([])))).toBeGreaterThan(0.01)
  })

  test('what scales a weight leaves alone what is folded into the same weight', async () => {
    const keys = [...model.modules.shapes.keys()].filter((key) => /attn1\.to_[qv]$/.test(key))
    const at = (whole: number, pairs: number): StackEntry[] => [
      { ...wholeOn(model, keys), weight: whole },
      ...stackOn(model, keys, 0.1).map((entry) => ({ ...entry, weight: pairs })),
    ]
    const stack = at(0.7, 1)
    const unet = await model.unet(stack)
    const stacked = await drawn(model, { unet }, new StackFeeds(stack))
    const folded = await model.folded(stack)
    const other = await drawn(model, folded, new StackFeeds([]))
    for (const { session } of [folded.unet, ...folded.texts]) await session[Symbol.asyncDispose]()
    expect(relativeL2(stacked, other)).toBeLessThan(1e-5)
    expect(relativeL2(stacked, await drawn(model, { unet: await model.unet() }, new StackFeeds([])))).toBeGreaterThan(0.01)
  })

  test('a factor of each block is that of its layers, and layers of no block keep their strength', async () => {
    const keys = [...model.modules.shapes.keys()]
    const unet = await model.unet(stackOn(model, keys, 0.1))
    const blockOf = (key: string) => (key.startsWith('unet.') ? unet.network.blockOf(key.slice('unet.'.length)) : 'BASE')
    const blocks = Object.fromEntries(keys.flatMap((key) => [[blockOf(key) ?? '', 0]]))
    expect(Object.keys(blocks)).toEqual(expect.arrayContaining(['', 'BASE', 'IN00', 'IN01', 'M00', 'OUT00', 'OUT01']))
    const on = (name: string, weight: number) =>
      stackOn(
        model,
        keys.filter((key) => (blockOf(key) ?? '') === name),
        0.1,
      ).map((entry) => ({ ...entry, weight }))
    for (const name of Object.keys(blocks).filter((one) => one !== '')) {
      const stack = stackOn(model, keys, 0.1).map((entry) => ({ ...entry, weight: 2, blocks: { ...blocks, [name]: -0.25 } }))
      const stacked = await drawn(model, { unet }, new StackFeeds(stack))
      expect(relativeL2(stacked, await drawn(model, { unet }, new StackFeeds([...on(name, -0.5), ...on('', 2)])))).toBeLessThan(1e-5)
    }
  })
})
