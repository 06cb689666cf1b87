// DoRA against what peft and LyCORIS made of the same tensors (build/reference/dora.py).
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { backward } from '../../autodiff/backward.ts'
import type { WeightMap } from '../../checkpoint/config.ts'
import { Graph, type Value } from '../../graph/graph.ts'
import { add, mul, reduceMean, sub } from '../../graph/math.ts'
import { conv2d, linear } from '../../nn/layers.ts'
import { Parameters } from '../../nn/parameters.ts'
import { fill, layoutOf, views } from '../../runtime/flat-parameters.ts'
import { Session } from '../../runtime/session.ts'
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import * as adamw from '../../training/optimizers/adamw.ts'
import type { AdapterModule } from '../adapter.ts'
import { addTerm } from '../term.ts'
import { dora } from './dora.ts'
import type { Trainable } from './training.ts'

interface Packed {
  readonly shape: readonly number[]
  readonly data: string
}
type Parts = Readonly<Record<'down' | 'up' | 'magnitude', Packed>>
interface Merged extends Parts {
  readonly program: string
  readonly layer: string
  readonly alpha: number
  readonly base: Packed
  readonly merged: Packed
}
type Layer = 'linear' | 'conv' | 'point'
interface Training {
  readonly alpha: number
  readonly rate: number
  readonly steps: number
  readonly inputs: Readonly<Record<Layer, Packed>>
  readonly targets: Readonly<Record<Layer, Packed>>
  readonly base: Readonly<Record<Layer, { readonly weight: Packed; readonly bias: Packed }>>
  readonly start: Readonly<Record<Layer, Parts>>
  readonly gradients: Readonly<Record<Layer, Parts>>
  readonly end: Readonly<Record<Layer, Parts>>
  readonly losses: readonly number[]
}
const recorded = JSON.parse(readFileSync(new URL('./fixtures/dora.json', import.meta.url), 'utf8')) as {
  readonly merged: readonly Merged[]
  readonly training: Training
}
const unpacked = ({ shape, data }: Packed): Tensor => {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'))
  return { shape, data: new Float32Array(bytes.buffer) }
}
const layers = ['linear', 'conv', 'point'] as const
const roles = ['down', 'up', 'magnitude'] as const

/** A module as a reader makes it of tensors of these names and shapes. */
function moduleOf(weight: readonly number[], parts: Parts, alpha: number, magnitudeName: string): AdapterModule {
  const fit = dora.fit(weight, {
    down: { name: 'x.down', shape: parts.down.shape },
    up: { name: 'x.up', shape: parts.up.shape },
    magnitude: { name: `x${magnitudeName}`, shape: parts.magnitude.shape },
  })
  expect(fit).toMatchObject({ accepted: ['magnitude'] })
  const shapes = 'shapes' in fit ? fit.shapes : {}
  const tensors = Object.fromEntries(roles.map((role) => [role, { shape: shapes[role] ?? [], data: unpacked(parts[role]).data }]))
  return { component: 'unet', path: 'x', variant: 'dora', tensors, alpha }
}

describe('W′', () => {
  test.each(recorded.merged.map((one) => [`${one.program}: ${one.layer}`, one] as const))('%s', async (_, one) => {
    const [base, merged] = [unpacked(one.base), unpacked(one.merged)]
    const module = moduleOf(base.shape, one, one.alpha, one.program === 'peft' ? '.lora_magnitude_vector' : '.dora_scale')
    const terms = await dora.terms(module, { shape: base.shape, read: () => Promise.resolve(base) })
    expect(terms.map(({ kind }) => kind)).toEqual(dora.kinds(module))
    const folded = (weight: number): Float32Array => {
      const data = base.data.slice()
      for (const term of terms) addTerm(data, base, term, weight)
      return data
    }
    const difference = (weight: Float32Array): Float32Array => weight.map((value, i) => value - (base.data[i] ?? 0))
    expect(relativeL2(difference(folded(1)), difference(merged.data))).toBeLessThan(1e-5)
    // ComfyUI's meaning of a strength: so much of the way from W to W′.
    const part = base.data.map((value, i) => value - 0.4 * ((merged.data[i] ?? 0) - value))
    expect(relativeL2(difference(folded(-0.4)), difference(part))).toBeLessThan(1e-5)
  })
})

test('magnitudes by input are told from those by output, and PEFT cannot hold them', () => {
  const by = (name: string) => recorded.merged.find(({ program, layer }) => program === name && layer === 'linear') as Merged
  const module = (one: Merged) => moduleOf(one.base.shape, one, one.alpha, '.dora_scale')
  const shapeOf = (one: Merged) => module(one).tensors.magnitude?.shape
  expect([shapeOf(by('lycoris')), shapeOf(by('lycoris, by input'))]).toEqual([[5, 1], [1, 6]]) // prettier-ignore
  expect(dora.stored?.(module(by('lycoris, by input')), 'peft')).toMatchObject({ no: expect.stringContaining('by output') as unknown })
  expect(dora.stored?.(module(by('lycoris')), 'peft')).toMatchObject({ magnitude: { shape: [5] } })
  const square = { down: { name: 'a', shape: [2, 4] }, up: { name: 'b', shape: [4, 2] } }
  expect(dora.fit([4, 4], { ...square, magnitude: { name: 'x.dora_scale', shape: [1, 4] } })).toMatchObject({
    shapes: { magnitude: [1, 4] },
  })
  expect(dora.fit([4, 4], { ...square, magnitude: { name: 'x.magnitude', shape: [4] } })).toMatchObject({ shapes: { magnitude: [4, 1] } })
  expect(dora.fit([4, 4], { ...square, magnitude: { name: 'x.dora_scale', shape: [3, 1] } })).not.toHaveProperty('accepted')
})

test('trains as peft does: gradients of the first step, and thirty steps with AdamW', async () => {
  const { training } = recorded
  const { graph, trainables } = trainingGraph(training)
  await using session = await Session.create(graph, { provider: 'cpu', threads: 1 })
  const { placements, size } = layoutOf(trainables.map(({ trainable: { name, shape } }) => ({ name, shape })))
  const at = (parts: Readonly<Record<Layer, Parts>>): Float32Array => {
    const theta = new Float32Array(size)
    const named = trainables.map(({ layer, trainable }) => {
      const { data } = unpacked(parts[layer][trainable.role as 'down'])
      return [trainable.name, { shape: trainable.shape, data }] as const
    })
    fill(placements, theta, new Map(named))
    return theta
  }
  const [theta, gradient] = [at(training.start), new Float32Array(size)]
  const state = adamw.init(size)
  const feeds = Object.fromEntries(layers.flatMap((layer) => [[`x.${layer}`, unpacked(training.inputs[layer])], [`t.${layer}`, unpacked(training.targets[layer])]] as const)) // prettier-ignore
  const losses: number[] = []
  for (let step = 1; step <= training.steps; step++) {
    const { loss } = await session.run({ ...views(placements, theta), ...feeds }, views(placements, gradient, 'd/'))
    losses.push(loss?.data[0] ?? NaN)
    if (step === 1) expect(relativeL2(gradient, at(training.gradients))).toBeLessThan(1e-5)
    adamw.update(theta, gradient, state, { lr: training.rate, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01, step })
  }
  expect(relativeL2(losses, training.losses)).toBeLessThan(1e-3)
  expect(relativeL2(theta, at(training.end))).toBeLessThan(1e-3)
})

test('a magnitude starts as the norm of its row, so that a fresh one changes nothing', async () => {
  const weight = unpacked(recorded.training.base.conv.weight)
  const made = dora.training.create({ component: 'unet', path: 'x', weight: weight.shape }, { rank: 2 })
  const start = made.find(({ role }) => role === 'magnitude')?.start
  expect(start?.kind).toBe('from-base')
  const data = start?.kind === 'from-base' ? start.of(weight) : new Float32Array()
  const [down, up] = [
    { shape: [2, 3, 3, 3], data: new Float32Array(54).fill(1) },
    { shape: [4, 2, 1, 1], data: new Float32Array(8) },
  ]
  const module = { component: 'unet', path: 'x', variant: 'dora', tensors: { down, up, magnitude: { shape: [4, 1, 1, 1], data } }, alpha: 2 } as const // prettier-ignore
  const [gain] = await dora.terms(module, { shape: weight.shape, read: () => Promise.resolve(weight) })
  for (const value of gain?.kind === 'gain' ? gain.by : [NaN]) expect(value).toBeCloseTo(1, 6)
})

/** Mean squared errors of the three layers, added up; each is adapted. */
function trainingGraph({ base, inputs, alpha }: Training) {
  const graph = new Graph('dora')
  const trainables: { layer: Layer; trainable: Trainable; value: Value }[] = []
  const replaced = new Map(
    layers.flatMap((layer) => [
      [`${layer}.weight`, unpacked(base[layer].weight)],
      [`${layer}.bias`, unpacked(base[layer].bias)],
    ]),
  )
  // Only their keys are asked for: the values are the replaced ones.
  const weights = new Map([...replaced].map(([key, { shape }]) => [key, { shape }])) as unknown as WeightMap
  const parameters = new Parameters(graph, weights, {
    replaced,
    adapt(layer, x) {
      const path = layer.path as Layer
      const made = dora.training.create({ component: 'unet', path, weight: base[path].weight.shape }, { rank: 2 })
      const parts = made.map((trainable) => ({ layer: path, trainable, value: graph.input(trainable.name, 'float32', trainable.shape) }))
      trainables.push(...parts)
      const values = Object.fromEntries(parts.map(({ trainable, value }) => [trainable.role, value]))
      return dora.training.apply(x, values, layer, alpha / 2)
    },
  })
  const errors = layers.map((layer) => {
    const x = graph.input(`x.${layer}`, 'float32', inputs[layer].shape)
    const y = layer === 'linear' ? linear(parameters, layer, x) : conv2d(parameters, layer, x, layer === 'point' ? {} : undefined)
    const error = sub(y, graph.input(`t.${layer}`, 'float32', y.shape))
    return reduceMean(mul(error, error), y.shape.map((_, i) => i), false) // prettier-ignore
  })
  const loss = errors.reduce((a, b) => add(a, b))
  graph.output('loss', loss)
  const gradients = backward(loss, trainables.map(({ value }) => value)) // prettier-ignore
  gradients.forEach((gradient, i) => graph.output(`d/${trainables[i]?.trainable.name}`, gradient))
  return { graph, trainables }
}
