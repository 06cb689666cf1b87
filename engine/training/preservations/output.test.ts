// The loss with preserved rows is the loss on the pictures, and λ times that on the same latents with the base's own prediction as the target.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Checkpoint, Family } from '../../checkpoint/config.ts'
import { Graph } from '../../graph/graph.ts'
import { denoised } from '../../models/denoised.ts'
import { openCheckpoint } from '../../models/open-checkpoint.ts'
import { soundModel, writeDiffusers } from '../../models/testing.ts'
import { Parameters } from '../../nn/parameters.ts'
import { trainRequest } from '../../requests/train.ts'
import { layoutOf, views } from '../../runtime/flat-parameters.ts'
import { Session } from '../../runtime/session.ts'
import { randomStream } from '../../tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from '../../tensor/tensor.ts'
import { trainingRules } from '../../training-rules.ts'
import { methodGraph } from '../method-graph.ts'
import { neutralCaptions } from './output.ts'
import { preservationOf } from './preservation.ts'

const folder = mkdtempSync(join(tmpdir(), 'pigment-preserved-'))
afterAll(() => rmSync(folder, { recursive: true }))

const [rows, kept, weight] = [3, 2, 0.7]
const usual = { dataset: 'd', rank: 2, alpha: 2, layers: 'attention', batch: rows }
const random = (name: string, ...shape: number[]): Tensor => ({ shape, data: randomStream(5, name, 0).normal(elementCount(shape)) })
const joined = (a: Tensor, b: Tensor): Tensor => ({
  shape: [(a.shape[0] ?? 0) + (b.shape[0] ?? 0), ...a.shape.slice(1)],
  data: Float32Array.from([...a.data, ...b.data]),
})
const ones = (count: number, value = 1): Tensor => ({ shape: [count], data: new Float32Array(count).fill(value) })

/** Conditions of so many rows. */
function heard({ unet: { config } }: Checkpoint, name: string, count: number): Record<string, Tensor> {
  const { timeEmbedDim = 0, inputDim = 0 } = config.addedCondition ?? {}
  const context = random(`${name} context`, count, 7, config.crossAttentionDim)
  if (inputDim === 0) return { context }
  return { context, pooled: random(`${name} pooled`, count, inputDim - 6 * timeEmbedDim), time_ids: random(`${name} ids`, count, 6) }
}

async function step(checkpoint: Checkpoint, request: object, feeds: Record<string, Tensor>) {
  const { graph, trained } = methodGraph(checkpoint, trainRequest.parse({ ...usual, ...request }))
  await using session = await Session.create(graph, { threads: 1 })
  const { placements, size } = layoutOf(trained)
  const theta = random('theta', size).data.map((x) => x * 0.1)
  const gradient = new Float32Array(size)
  const told = await session.run({ ...feeds, ...views(placements, theta) }, views(placements, gradient, 'd/'))
  return { loss: told.loss?.data[0] ?? NaN, preserved: told.preserved?.data[0] ?? NaN, gradient }
}

async function predicted(checkpoint: Checkpoint, feeds: Record<string, Tensor>): Promise<Tensor> {
  const graph = new Graph('base')
  graph.output('out', denoised(new Parameters(graph, checkpoint.unet.weights), checkpoint))
  await using session = await Session.create(graph, { threads: 1 })
  return (await session.run(feeds)).out as Tensor
}

test.each<[Family, string, boolean, string]>([
  ['sd1', 'lora', false, 'huber'],
  ['sdxl', 'dora', true, 'l2'],
])('preserved rows are held to the base: %s, %s, recomputing: %s, loss of the pictures: %s', async (family, variant, recompute, loss) => {
  const path = join(folder, family)
  await writeDiffusers(path, soundModel(family, { normGroups: 8 }))
  const checkpoint = await openCheckpoint(path)
  const latent = [checkpoint.unet.config.inChannels, 8, 8]
  const [sample, target] = [random('sample', rows, ...latent), random('target', rows, ...latent)]
  const timestep = { shape: [rows], data: Float32Array.of(900, 300, 5) }
  const first = (of: Tensor): Tensor => {
    const shape = [kept, ...of.shape.slice(1)]
    return { shape, data: of.data.slice(0, elementCount(shape)) }
  }
  const [shown, held] = [heard(checkpoint, 'shown', rows), heard(checkpoint, 'held', kept)]
  const base = { sample: first(sample), timestep: first(timestep), ...held }
  const both = {
    sample: joined(base.sample, sample),
    timestep: joined(base.timestep, timestep),
    ...Object.fromEntries(Object.entries(held).map(([name, one]) => [name, joined(one, shown[name] as Tensor)])),
  }
  const weights = random('weights', rows)
  const options = { variant, recompute }
  // Kept rows are held by the mean of squares whatever the loss.
  const threshold: Record<string, Tensor> = loss === 'l2' ? {} : { loss_threshold: { ...ones(rows, 0.3), shape: [rows, 1, 1, 1] } }
  const [found, pictures, preserved] = [
    await step(
      checkpoint,
      { ...options, loss, preservation: 'output' },
      { ...both, target, weight: weights, kept: ones(kept, weight), ...threshold },
    ),
    await step(checkpoint, { ...options, loss }, { sample, timestep, ...shown, target, weight: weights, ...threshold }),
    await step(checkpoint, options, { ...base, target: await predicted(checkpoint, base), weight: ones(kept, weight) }),
  ]
  expect(found.loss).toBeCloseTo(pictures.loss, 5)
  expect(found.preserved).toBeCloseTo(preserved.loss, 5)
  expect(preserved.loss).toBeGreaterThan(1e-6)
  const expected = pictures.gradient.map((value, i) => value + (preserved.gradient[i] ?? 0))
  expect(relativeL2(found.gradient, expected)).toBeLessThan(1e-5)
  expect(relativeL2(found.gradient, pictures.gradient)).toBeGreaterThan(1e-4)
})

test('a weight of 0 leaves the graph as it is without', async () => {
  const path = join(folder, 'plain')
  await writeDiffusers(path, soundModel('sd1'))
  const checkpoint = await openCheckpoint(path)
  const shown = (request: object): string =>
    methodGraph(checkpoint, trainRequest.parse({ ...usual, ...request }))
      .graph.nodes.map(({ name, op }) => `${name} ${op}`)
      .join('\n')
  const plain = shown({})
  expect(shown({ preservation: 'output', preservationOptions: { preserve: 0 } })).toBe(plain)
  expect(shown({ preservation: 'output' }).length).toBeGreaterThan(plain.length)
})

const predictionsOf = (request: object) => preservationOf(trainRequest.parse({ dataset: 'd', ...request })).predictions

test('the class stands for the trigger, and a caption without it is never held to the base', () => {
  const given = { trigger: 'sks', preservation: 'output', preservationOptions: { neutralShare: 0.5, classWord: 'dog' } }
  const kept = predictionsOf(given)
  expect(kept?.caption('a photo of SKS, asks', 0.75)).toBe('a photo of dog, asks')
  expect(neutralCaptions).toContain(kept?.caption('a photo of sks', 0.25))
  expect(neutralCaptions).toContain(kept?.caption('a photo', 0.75))
  const captions = ['a photo of sks', 'a photo']
  const all = kept?.captions(captions) ?? []
  for (const of of captions) for (let drawn = 0; drawn < 1; drawn += 0.01) expect(all).toContain(kept?.caption(of, drawn))
  const without = predictionsOf({ ...given, preservationOptions: { neutralShare: 0 } })
  expect(without?.caption('sks, a photo', 0)).toBe('a photo')
})

test('a model may be held to captions of its own', () => {
  const kept = predictionsOf({ preservation: 'output', preservationOptions: { neutral: 'a tree | a house|' } })
  expect([0, 0.2, 0.49].map((drawn) => kept?.caption('sks', drawn))).toEqual(['a tree', 'a house', ''])
  expect(kept?.captions(['sks'])).toEqual(['a tree', 'a house', ''])
})

test('what does not fit is refused before a run begins', () => {
  const told = (request: object): string[] =>
    trainingRules.flatMap((rule) => {
      try {
        rule(trainRequest.parse({ dataset: 'd', ...request }))
        return []
      } catch (error) {
        return [(error as { code: string }).code]
      }
    })
  expect(told({ preservation: 'output' })).toEqual([])
  expect(told({ preservation: 'output', preservationOptions: { classWord: 'dog' } })).toEqual(['preserve-trigger'])
  expect(told({ preservation: 'pictures' })).toEqual(['class-pictures-missing'])
  expect(told({ classPictures: 'dogs' })).toEqual([])
  expect(told({ preservation: 'output', classPictures: 'dogs' })).toContain('preservation-options')
  expect(told({ preservation: 'output', preservationOptions: { preserve: -1 } })).toContain('preservation-option-invalid')
})
