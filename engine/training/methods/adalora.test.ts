// AdaLoRA against peft on the same net and data (build/reference/adalora.py), with the orthogonal term switched off, since peft has none for a UNet.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { pairOf } from '../../adapters/variants/lora.ts'
import { scaleOf } from '../../adapters/low-rank.ts'
import { backward } from '../../autodiff/backward.ts'
import type { WeightMap } from '../../checkpoint/config.ts'
import { Graph } from '../../graph/graph.ts'
import { add, mul, reduceMean, sub } from '../../graph/math.ts'
import { conv2d, linear } from '../../nn/layers.ts'
import { Parameters } from '../../nn/parameters.ts'
import { Session } from '../../runtime/session.ts'
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import { LaneSteps } from '../lane-steps.ts'
import { Lanes } from '../lanes.ts'
import { adamw } from '../optimizers/adamw.ts'
import { orthogonality } from '../orthogonality.ts'
import { adalora } from './adalora.ts'

interface Packed {
  readonly shape: readonly number[]
  readonly data: string
}
const layers = ['first', 'second', 'conv', 'point'] as const
type Of<T> = Readonly<Record<(typeof layers)[number], T>>
interface Run {
  readonly rank: number
  readonly alpha: number
  readonly rate: number
  readonly steps: number
  readonly options: Readonly<Record<'targetRank' | 'tinit' | 'tfinal' | 'deltaT' | 'beta1' | 'beta2', number>>
  readonly weightDecay: number
  readonly inputs: Of<Packed>
  readonly targets: Of<Packed>
  readonly base: Of<{ readonly weight: Packed; readonly bias: Packed }>
  readonly start: Of<Readonly<Record<'A' | 'E' | 'B', Packed>>>
  readonly losses: readonly number[]
  readonly ranks: readonly (readonly number[])[]
  readonly delta: Of<Packed>
}
const recorded = JSON.parse(readFileSync(new URL('./fixtures/adalora.json', import.meta.url), 'utf8')) as {
  readonly runs: readonly Run[]
  readonly orthogonal: {
    readonly weight: number
    readonly loss: number
    readonly matrices: Readonly<Record<'A' | 'B', Packed>>
    readonly gradients: Readonly<Record<'A' | 'B', Packed>>
  }
}
const unpacked = ({ shape, data }: Packed): Tensor => {
  return { shape, data: new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer) }
}
const everyAxis = ({ shape }: { readonly shape: readonly unknown[] }): number[] => shape.map((_, i) => i)

test.each(recorded.runs)('thirty steps as peft takes them: losses, ranks and ΔW, $options', async (run) => {
  const { rank, alpha, steps, rate, base, inputs, weightDecay } = run
  const { beta1: sensitivityShare, beta2: uncertaintyShare, ...waits } = run.options
  const graph = new Graph('adalora')
  const replaced = new Map(layers.flatMap((layer) => [[`${layer}.weight`, unpacked(base[layer].weight)], [`${layer}.bias`, unpacked(base[layer].bias)]] as const)) // prettier-ignore
  // Only their keys and shapes are asked for: the values are the replaced ones.
  const weights = new Map([...replaced].map(([key, { shape }]) => [key, { shape }])) as unknown as WeightMap
  const request = { rank, alpha, steps, layers: 'all', members: 1, recompute: false } as const
  const options = { rank, steps, ...waits, sensitivityShare, uncertaintyShare, orthogonal: 0 }
  const network = { component: 'unet', weights, targets: /./, rate: 1 } as const
  const opened = adalora.open({ graph, networks: [network], request }, options)
  expect(opened.penalty).toBeUndefined()
  const parameters = new Parameters(graph, weights, { replaced, ...opened.parameters(network) })
  const errors = layers.map((layer) => {
    const x = graph.input(`x.${layer}`, 'float32', inputs[layer].shape)
    const y =
      inputs[layer].shape.length < 4 ? linear(parameters, layer, x) : conv2d(parameters, layer, x, layer === 'point' ? {} : undefined)
    const error = sub(y, graph.input(`t.${layer}`, 'float32', y.shape))
    return reduceMean(mul(error, error), everyAxis(y), false)
  })
  const loss = errors.reduce((a, b) => add(a, b))
  graph.output('loss', loss)
  const trained = opened.trainedOf([parameters])
  backward(loss, trained).forEach((gradient, i) => graph.output(`d/${trained[i]?.name}`, gradient))

  const feeds = Object.fromEntries(layers.flatMap((layer) => [[`x.${layer}`, unpacked(inputs[layer])], [`t.${layer}`, unpacked(run.targets[layer])]] as const)) // prettier-ignore
  const plan = opened.plan()
  const startOf = (name: string): Float32Array => {
    const [role, layer] = name.slice('lora.'.length).split('/') as ['A' | 'E' | 'B', (typeof layers)[number]]
    return unpacked(run.start[layer][role]).data
  }
  await using lanes = await Lanes.open(graph, { count: 1, threads: 1, session: { provider: 'cpu', threads: 1 } })
  await using taken = await LaneSteps.open(
    {
      graph,
      plan: { ...plan, trainables: plan.trainables.map((one) => ({ ...one, start: () => startOf(one.name) })) },
      members: [{ index: 0, seed: 0 }],
      batches: () => () => feeds,
      accumulation: 1,
      optimizer: (theta, layout) => adamw.open(theta, layout, { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay }),
      rate: () => rate,
      maxGradNorm: Infinity,
    },
    lanes,
  )
  const [losses, ranks]: number[][] = [[], []]
  for (let step = 0; step < steps; step++) {
    const [told] = await taken.advance(step)
    losses?.push(told?.outputs.loss ?? NaN)
    ranks?.push(told?.outputs.rank ?? NaN)
  }
  expect(relativeL2(losses ?? [], run.losses)).toBeLessThan(1e-3)
  expect(ranks).toEqual(run.ranks.map((all) => all.reduce((a, b) => a + b) / all.length))

  const { modules, metadata } = await taken.result()
  const last = run.ranks.at(-1) ?? []
  expect(JSON.parse(metadata['pigment.ranks'] ?? '')).toEqual(Object.fromEntries(layers.map((layer, i) => [layer, last[i]])))
  expect(new Set(last).size).toBeGreaterThan(2)
  for (const [i, layer] of layers.entries()) {
    const module = modules.find(({ path }) => path === layer)
    const expected = unpacked(run.delta[layer]).data
    if (last[i] === 0) expect([module, expected.some((x) => x !== 0)]).toEqual([undefined, false])
    if (!module) continue
    const pair = pairOf(module)
    const [own, width] = [pair.alpha, pair.down.data.length / pair.alpha]
    expect([own, scaleOf(pair)]).toEqual([last[i], 1])
    const delta = expected.map((_, at) => {
      const [o, j] = [Math.floor(at / width), at % width]
      return Array.from({ length: own }, (_, k) => (pair.up.data[o * own + k] ?? 0) * (pair.down.data[k * width + j] ?? 0)).reduce(
        (a, b) => a + b,
      )
    })
    expect(relativeL2(delta, expected)).toBeLessThan(1e-3)
  }
})

test('the orthogonal term and its gradient are those of peft, and nothing where rows are orthogonal', async () => {
  const { weight, loss, matrices, gradients } = recorded.orthogonal
  const graph = new Graph('orthogonality')
  const [a, b] = [graph.input('A', 'float32', matrices.A.shape), graph.input('B', 'float32', matrices.B.shape)]
  const term = mul(orthogonality(graph, [{ a, b }]), weight)
  graph.output('term', term)
  backward(term, [a, b]).forEach((gradient, i) => graph.output(i === 0 ? 'd/A' : 'd/B', gradient))
  await using session = await Session.create(graph, { provider: 'cpu', threads: 1 })
  const found = await session.run({ A: unpacked(matrices.A), B: unpacked(matrices.B) })
  expect(found.term?.data[0]).toBeCloseTo(loss, 5)
  for (const name of ['A', 'B'] as const)
    expect(relativeL2(found[`d/${name}`]?.data ?? [], unpacked(gradients[name]).data)).toBeLessThan(1e-5)
  const unit = (shape: readonly number[]): Tensor => {
    const [rows = 0, columns = 0] = shape
    return { shape, data: Float32Array.from({ length: rows * columns }, (_, i) => (Math.floor(i / columns) === i % columns ? 1 : 0)) }
  }
  const none = await session.run({ A: unit(matrices.A.shape), B: unit(matrices.B.shape) })
  expect(none.term?.data[0]).toBeCloseTo(0, 5)
  for (const name of ['d/A', 'd/B']) expect(none[name]?.data.every((x) => Math.abs(x) < 1e-5)).toBe(true)
})
