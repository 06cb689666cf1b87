// A course of training that a program recorded (build/reference/lycoris_variants.py), taken again by a variant's own graph.
import { expect } from 'vitest'
import { backward } from '../../autodiff/backward.ts'
import type { WeightMap } from '../../checkpoint/config.ts'
import { Graph, type Value } from '../../graph/graph.ts'
import { add, mul, reduceMean, sub } from '../../graph/math.ts'
import { conv2d, linear } from '../../nn/layers.ts'
import { Parameters } from '../../nn/parameters.ts'
import { fill, layoutOf, views } from '../../runtime/flat-parameters.ts'
import { Session } from '../../runtime/session.ts'
import { elementCount, relativeL2 } from '../../tensor/tensor.ts'
import * as adamw from '../../training/optimizers/adamw.ts'
import { unpacked, type Packed } from './testing-recorded.ts'
import type { Trainable } from './training.ts'
import type { TrainableVariant } from './variant.ts'

type Layer = 'linear' | 'conv' | 'point'
const layers = ['linear', 'conv', 'point'] as const
type ByLayer<T> = Readonly<Record<Layer, T>>
/** By role, or by the names that the program saves tensors under. */
type Named = Readonly<Record<string, Packed>>

interface Recorded {
  readonly rank: number
  readonly alpha: number
  readonly rate: number
  readonly steps: number
  readonly inputs: ByLayer<Packed>
  readonly targets: ByLayer<Packed>
  readonly base: ByLayer<{ readonly weight: Packed; readonly bias: Packed }>
  readonly start: ByLayer<Named>
  readonly gradients: ByLayer<Named>
  readonly end: ByLayer<Named>
  readonly losses: readonly number[]
}

interface Trained {
  readonly layer: Layer
  readonly trainable: Trainable
  readonly value: Value
}

/** Gradients of the first step, thirty steps with AdamW, and where they end. */
export async function expectTrained(variant: TrainableVariant, training: unknown): Promise<void> {
  const recorded = training as Recorded
  const { graph, trained } = trainingGraph(variant, recorded)
  await using session = await Session.create(graph, { provider: 'cpu', threads: 1 })
  const { placements, size } = layoutOf(trained.map(({ trainable: { name, shape } }) => ({ name, shape })))
  const at = (named: ByLayer<Named>): Float32Array => {
    const theta = new Float32Array(size)
    const found = trained.map(({ layer, trainable: { role, name, shape } }) => {
      const suffix = Object.keys(named[layer]).find((key) => key === role || variant.spelling[role]?.kohya?.includes(key)) ?? ''
      const { data } = unpacked(named[layer][suffix] as Packed)
      expect([name, data.length]).toEqual([name, elementCount(shape)])
      return [name, { shape, data }] as const
    })
    expect(found.length).toBe(layers.reduce((sum, layer) => sum + Object.keys(named[layer]).length, 0))
    fill(placements, theta, new Map(found))
    return theta
  }
  const [theta, gradient] = [at(recorded.start), new Float32Array(size)]
  const state = adamw.init(size)
  const feeds = Object.fromEntries(
    layers.flatMap((layer) => [
      [`x.${layer}`, unpacked(recorded.inputs[layer])],
      [`t.${layer}`, unpacked(recorded.targets[layer])],
    ]),
  )
  const losses: number[] = []
  for (let step = 1; step <= recorded.steps; step++) {
    const { loss } = await session.run({ ...views(placements, theta), ...feeds }, views(placements, gradient, 'd/'))
    losses.push(loss?.data[0] ?? NaN)
    if (step === 1) expect(relativeL2(gradient, at(recorded.gradients))).toBeLessThan(1e-5)
    adamw.update(theta, gradient, state, { lr: recorded.rate, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01, step })
  }
  expect(relativeL2(losses, recorded.losses)).toBeLessThan(1e-4)
  expect(relativeL2(theta, at(recorded.end))).toBeLessThan(1e-3)
}

/** Mean squared errors of the three layers, added up; each is adapted. */
function trainingGraph(variant: TrainableVariant, { base, inputs, rank, alpha }: Recorded): { graph: Graph; trained: Trained[] } {
  const graph = new Graph('variant')
  const trained: Trained[] = []
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
      const made = variant.training.create({ component: 'unet', path, weight: base[path].weight.shape }, variant.options.parse({ rank }))
      const parts = made.map((trainable) => ({ layer: path, trainable, value: graph.input(trainable.name, 'float32', trainable.shape) }))
      trained.push(...parts)
      const values = Object.fromEntries(parts.map(({ trainable, value }) => [trainable.role, value]))
      return variant.training.apply(x, values, layer, alpha / rank)
    },
  })
  const errors = layers.map((layer) => {
    const x = graph.input(`x.${layer}`, 'float32', inputs[layer].shape)
    const y = layer === 'linear' ? linear(parameters, layer, x) : conv2d(parameters, layer, x, layer === 'point' ? {} : undefined)
    const error = sub(y, graph.input(`t.${layer}`, 'float32', y.shape))
    const axes = y.shape.map((_, i) => i)
    return reduceMean(mul(error, error), axes, false)
  })
  const loss = errors.reduce((a, b) => add(a, b))
  graph.output('loss', loss)
  const values = trained.map(({ value }) => value)
  backward(loss, values).forEach((gradient, i) => graph.output(`d/${trained[i]?.trainable.name}`, gradient))
  return { graph, trained }
}
