// Training on frozen weights of 4 bits: the same loss and gradients as on the weights that these codes say, and a run from end to end.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAdapter, writeAdapter } from '../adapter-formats/read.ts'
import type { Checkpoint } from '../checkpoint/config.ts'
import { openCheckpoint } from '../models/open-checkpoint.ts'
import { soundModel, writeDiffusers, type TinyModel } from '../models/testing.ts'
import '../ops/index.ts'
import { trainRequest, type TrainRequest } from '../requests/train.ts'
import { layoutOf, views } from '../runtime/flat-parameters.ts'
import { Session } from '../runtime/session.ts'
import { Model } from '../sessions/open-model.ts'
import { randomStream } from '../tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from '../tensor/tensor.ts'
import { train } from '../train.ts'
import { dequantise, quantise, quantiseScales, scalesOf } from '../weights/nf4/quantise.ts'
import { releasePacked } from '../weights/codec.ts'
import { held } from '../weights/stored/held.ts'
import { packedAs, packedBase } from './base-weights.ts'
import { keptWeights } from './kept-weights.ts'
import { loraGraph } from './training-graph.ts'

let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'pigment-nf4-'))))
afterAll(() => rmSync(folder, { recursive: true }))

/** What comes back of a weight; norms, biases and what is no whole number of blocks stay. */
function through(weight: Tensor): Tensor {
  if (weight.shape.length < 2 || weight.data.length % 64 > 0) return weight
  const { codes, absmax } = quantise(weight.data)
  return { shape: weight.shape, data: dequantise({ codes, absmax: scalesOf(quantiseScales(absmax)) }, weight.data.length) }
}

type Kept = 'nf4' | 'held'

async function packed(checkpoint: Checkpoint, kept: Kept) {
  const { weights } = checkpoint.unet
  const steps = kept === 'held' ? packedAs(held, weights) : packedBase(weights, { baseWeights: 'nf4' })
  for (;;) {
    const { done, value } = await steps.next()
    if (done) return value
  }
}

interface Step {
  readonly loss: number
  readonly gradient: Float32Array
  readonly bytes: number
}

/** Loss and gradients of one step on random latents; `kept`: how, if not as constants. */
async function step(checkpoint: Checkpoint, { kept, recompute = false }: { kept?: Kept; recompute?: boolean }): Promise<Step> {
  const base = kept && (await packed(checkpoint, kept))
  const { graph, trained } = loraGraph(checkpoint, { rank: 2, alpha: 2, recompute, base })
  const bytes = graph.constants.reduce((sum, { constant }) => {
    if (!constant || 'source' in constant) return sum
    return sum + ('held' in constant ? constant.held : constant).bytes.length
  }, 0)
  await using session = await Session.create(graph, { threads: 1 })
  if (base) releasePacked(base)
  const { placements, size } = layoutOf(trained)
  const random = (name: string, shape: readonly number[]): Tensor => ({ shape, data: randomStream(5, name, 0).normal(elementCount(shape)) })
  const theta = random('theta', [size]).data.map((x) => x * 0.1)
  const gradient = new Float32Array(size)
  const { inChannels, crossAttentionDim } = checkpoint.unet.config
  const latent = [2, inChannels, 8, 8]
  const feeds = {
    sample: random('sample', latent),
    target: random('target', latent),
    timestep: { shape: [2], data: Float32Array.of(300, 800) },
    weight: { shape: [2], data: Float32Array.of(1, 1) },
    context: random('context', [2, 7, crossAttentionDim]),
  }
  const { loss } = await session.run({ ...feeds, ...views(placements, theta) }, views(placements, gradient, 'd/'))
  return { loss: loss?.data[0] ?? NaN, gradient, bytes }
}

describe('a step on nf4', () => {
  let given: Checkpoint
  let decoded: Checkpoint
  beforeAll(async () => {
    const model = soundModel('sd1', { normGroups: 8 })
    const weights = new Map([...model.unet.weights].map(([key, weight]) => [key, through(weight)]))
    const other: TinyModel = { ...model, unet: { ...model.unet, weights } }
    for (const [name, one] of Object.entries({ given: model, decoded: other })) await writeDiffusers(join(folder, name), one)
    given = await openCheckpoint(join(folder, 'given'))
    decoded = await openCheckpoint(join(folder, 'decoded'))
  })

  test.each([false, true])('is one on the weights that its codes say; recomputing: %s', async (recompute) => {
    const expected = await step(decoded, { recompute })
    const found = await step(given, { kept: 'nf4', recompute })
    expect(found.loss).toBeCloseTo(expected.loss, 5)
    expect(relativeL2(found.gradient, expected.gradient)).toBeLessThan(1e-5)
    // The weights themselves are others.
    expect(relativeL2((await step(given, {})).gradient, expected.gradient)).toBeGreaterThan(0.01)
  })

  test('keeps the codes in memory, and no fp32', async () => {
    const { bytes } = await step(given, { kept: 'nf4' })
    const held = [...given.unet.weights.values()].filter(({ shape }) => shape.length > 1)
    const fp16 = held.reduce((sum, { shape }) => sum + 2 * elementCount(shape), 0)
    expect(bytes).toBeGreaterThan(0.25 * fp16)
    // The identity that weights are unpacked by, and constants of a few bytes, stand beside them in so small a model.
    expect(bytes - 64 * 64 * 4).toBeLessThan(0.32 * fp16)
  })
})

describe('weights of a large model, held as their file has them', () => {
  let given: Checkpoint
  beforeAll(async () => {
    await writeDiffusers(join(folder, 'held'), soundModel('sd1', { normGroups: 8 }))
    given = await openCheckpoint(join(folder, 'held'))
  })

  test.each([false, true])('give the loss and the gradients of constants; recomputing: %s', async (recompute) => {
    const [expected, found] = [await step(given, { recompute }), await step(given, { kept: 'held', recompute })]
    expect(found.loss).toBeCloseTo(expected.loss, 5)
    expect(relativeL2(found.gradient, expected.gradient)).toBeLessThan(1e-5)
  })

  test('lie in memory once, but for kernels, which lie there turned too; no fp32 is made of them before its turn', async () => {
    const { bytes } = await step(given, { kept: 'held' })
    const stored = [...given.unet.weights.values()].filter(({ shape }) => shape.length > 1)
    const inFile = stored.reduce((sum, { length, shape }) => sum + length * ((shape[2] ?? 1) > 1 ? 2 : 1), 0)
    expect(bytes / inFile).toBeGreaterThan(0.9)
    expect(bytes / inFile).toBeLessThan(1.1)
  })

  test('are held on the CPU, where they are many and frozen', () => {
    const many = { parameters: 860e6 }
    expect(keptWeights({}, many)).toBe(held)
    for (const facts of [{ parameters: 14e6 }, { ...many, provider: 'cuda' }, { ...many, precision: 'fp16' }])
      expect(keptWeights({}, facts)).toBeUndefined()
    expect(keptWeights({ method: 'full' }, many)).toBeUndefined()
    expect(keptWeights({ baseWeights: 'nf4' }, many)).not.toBe(held)
  })
})

test('the embedded model is trained on them, and its adapter is read', async () => {
  const assets = join(import.meta.dirname, '../../assets')
  const dataset = join(assets, 'samples/black-ink')
  const request: TrainRequest = trainRequest.parse({
    ...{ dataset, rank: 4, alpha: 4, steps: 40, batch: 4, lr: 2e-3, seed: 1, captionDropout: 0, checkpointEvery: 0, resolution: 64 },
    ...{ course: 'constant', baseWeights: 'nf4' },
  })
  await using model = await Model.open(join(assets, 'models/pigment-small'), { threads: 2 })
  const losses: number[] = []
  const packing: number[] = []
  const run = train(model, request, { runFolder: join(folder, 'run') })
  let next = await run.next()
  for (; !next.done; next = await run.next()) {
    if (next.value.type === 'step') losses.push(next.value.loss)
    if (next.value.type === 'prepare' && next.value.stage === 'graph') packing.push(next.value.done)
  }
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length
  expect(mean(losses.slice(-15))).toBeLessThan(0.95 * mean(losses.slice(0, 15)))
  expect(packing.length).toBeGreaterThan(50)
  const { adapter } = next.value
  const options = { modules: model.modules, precision: 'fp32' as const }
  const [file = ''] = await writeAdapter({ ...adapter, name: 'ink' }, 'kohya', join(folder, 'ink.safetensors'), options)
  const read = await readAdapter(file, model.modules)
  expect([read.skipped, read.modules.length]).toEqual([[], adapter.modules.length])
})
