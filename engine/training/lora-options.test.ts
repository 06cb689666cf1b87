// How LoRA begins and what it leaves out of a step, against peft and sd-scripts' formulae (build/reference/lora_options.py).
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AdapterModule } from '../adapters/adapter.ts'
import { pairStarts } from '../adapters/starts/index.ts'
import { addLowRank } from '../adapters/low-rank.ts'
import { pairOf } from '../adapters/variants/lora.ts'
import { backward } from '../autodiff/backward.ts'
import type { WeightMap } from '../checkpoint/config.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { add, mul, reduceMean, sub } from '../graph/math.ts'
import { conv2d, linear } from '../nn/layers.ts'
import { Parameters } from '../nn/parameters.ts'
import { trainRequest } from '../requests/train.ts'
import { trainingRules } from '../training-rules.ts'
import { Session } from '../runtime/session.ts'
import { elementCount, relativeL2, type Tensor } from '../tensor/tensor.ts'
import { adaptedLayers } from './adapted-layers.ts'
import { adapterPlan } from './adapter-plan.ts'
import { dropMask, maskShape } from './dropouts.ts'
import { LaneSteps } from './lane-steps.ts'
import { Lanes } from './lanes.ts'
import { adamw } from './optimizers/adamw.ts'

interface Packed {
  readonly shape: readonly number[]
  readonly data: string
}
const names = ['wide', 'tall'] as const
type Of<T> = Readonly<Record<(typeof names)[number], T>>
type Pair = Pick<AdapterModule, 'tensors' | 'alpha'>
interface Started {
  readonly start: 'pissa' | 'olora' | 'orthogonal' | 'gaussian'
  readonly rsLora: boolean
  readonly base: Of<Readonly<Record<'weight' | 'bias', Packed>>>
  readonly inputs: Of<Packed>
  readonly targets: Of<Packed>
  readonly pairs: Of<Readonly<Record<'down' | 'up', Packed>>>
  readonly product: Of<Packed>
  readonly losses: readonly number[]
  readonly change: Of<Packed>
}
interface Dropped {
  readonly shares: Readonly<Record<'dropout' | 'rankDropout' | 'moduleDropout', number>>
  readonly loss: number
  readonly gradients: Readonly<Record<'down' | 'up', Packed>>
  readonly [tensor: string]: unknown
}
const recorded = JSON.parse(readFileSync(new URL('./fixtures/lora-options.json', import.meta.url), 'utf8')) as {
  readonly rank: number
  readonly alpha: number
  readonly rate: number
  readonly starts: readonly Started[]
  readonly dropouts: readonly Dropped[]
}
const unpacked = ({ shape, data }: Packed): Tensor => ({
  shape,
  data: new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer),
})
const everyAxis = ({ shape }: { readonly shape: readonly unknown[] }): number[] => shape.map((_, i) => i)
const squares = (y: Value, target: Value): Value => {
  const error = sub(y, target)
  return reduceMean(mul(error, error), everyAxis(y), false)
}
const gradients = (graph: Graph, loss: Value, trained: readonly Value[]): void => {
  graph.output('loss', loss)
  backward(loss, trained).forEach((gradient, i) => graph.output(`d/${trained[i]?.name}`, gradient))
}

test.each(recorded.starts)('thirty steps from where peft begins: $start, rank-stabilised $rsLora', async (run) => {
  const { rank, rate } = recorded
  const scale = run.rsLora ? recorded.alpha / Math.sqrt(rank) : recorded.alpha / rank
  const request = trainRequest.parse({ dataset: 'd', rank, alpha: recorded.alpha, start: run.start })
  const graph = new Graph('start')
  const replaced = new Map<string, Tensor>()
  for (const name of names) for (const part of ['weight', 'bias'] as const) replaced.set(`${name}.${part}`, unpacked(run.base[name][part]))
  const weights = new Map([...replaced].map(([key, { shape }]) => [key, { shape }])) as unknown as WeightMap
  const shapeOf = () => ({ rank, alpha: scale * rank, rate: 1 })
  const network = { component: 'unet', weights, targets: /./, shapeOf, rate: 1 } as const
  const layers = adaptedLayers(graph, request)
  const parameters = new Parameters(graph, weights, { replaced, ...layers.parameters(network) })
  const losses = names.map((name) => {
    const y = linear(parameters, name, graph.input(`x.${name}`, 'float32', run.inputs[name].shape))
    return squares(y, graph.input(`t.${name}`, 'float32', y.shape))
  })
  gradients(
    graph,
    losses.reduce((a, b) => add(a, b)),
    layers.trained,
  )

  const plan = adapterPlan(layers, request, ({ path }) => Promise.resolve(replaced.get(`${path}.weight`) as Tensor))
  // Random ones begin where peft's draw did; the others are found by themselves.
  const found = run.start === 'pissa' || run.start === 'olora'
  const partOf = (name: string): Float32Array => {
    const [role, path] = name.split('/') as [string, (typeof names)[number]]
    return unpacked(run.pairs[path][role === 'lora.A' ? 'down' : 'up']).data
  }
  const trainables = found ? plan.trainables : plan.trainables.map((one) => ({ ...one, start: () => partOf(one.name) }))
  const feeds = Object.fromEntries(names.flatMap((name) => [[`x.${name}`, unpacked(run.inputs[name])], [`t.${name}`, unpacked(run.targets[name])]] as const)) // prettier-ignore
  await using lanes = await Lanes.open(graph, { count: 1, threads: 1, session: { provider: 'cpu', threads: 1 } })
  await using steps = await LaneSteps.open(
    {
      graph,
      plan: { ...plan, trainables },
      members: [{ index: 0, seed: 0 }],
      batches: () => () => feeds,
      accumulation: 1,
      optimizer: (theta, layout) => adamw.open(theta, layout, { beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01 }),
      rate: () => rate,
      maxGradNorm: Infinity,
    },
    lanes,
  )
  const first = new Map((await steps.result()).modules.map((module) => [module.path, module]))
  const told: number[] = []
  for (let step = 0; step < run.losses.length; step++) told.push((await steps.advance(step))[0]?.outputs.loss ?? NaN)
  expect(relativeL2(told, run.losses)).toBeLessThan(1e-4)
  const { modules } = await steps.result()
  for (const name of names) {
    const change = (of: Pair): Float32Array => {
      const whole = new Float32Array(elementCount(run.change[name].shape))
      addLowRank(whole, pairOf(of), 1)
      return whole
    }
    const module = modules.find(({ path }) => path === name) as Pair
    expect(pairOf(module).down.shape[0]).toBe(found ? 2 * rank : rank)
    expect(relativeL2(change(module), unpacked(run.change[name]).data)).toBeLessThan(1e-3)
    const before = change(first.get(name) as Pair)
    // What began as a part of the weight adds nothing at first; its own half of the pair is peft's.
    if (run.start !== 'gaussian') expect(Math.max(...before.map(Math.abs))).toBeLessThan(1e-6)
    if (!found) continue
    const { down, up } = pairOf(first.get(name) as Pair)
    const half = new Float32Array(before.length)
    const own = { shape: [up.shape[0] ?? 0, rank], data: up.data.filter((_, i) => i % (2 * rank) < rank) }
    addLowRank(
      half,
      { down: { shape: [rank, down.shape[1] ?? 0], data: down.data.subarray(0, down.data.length / 2) }, up: own, alpha: scale * rank },
      1,
    )
    expect(relativeL2(half, unpacked(run.product[name]).data)).toBeLessThan(1e-5)
  }
})

test.each(recorded.dropouts)('a step leaves out what sd-scripts does under the same masks: $shares', async (run) => {
  const at = (name: string): Tensor => unpacked(run[name] as Packed)
  const { rank, alpha } = recorded
  const graph = new Graph('dropout')
  const replaced = new Map([['layer.weight', at('weight')], ['layer.bias', at('bias')]] as const) // prettier-ignore
  const weights = new Map([...replaced].map(([key, { shape }]) => [key, { shape }])) as unknown as WeightMap
  const layers = adaptedLayers(graph, trainRequest.parse({ dataset: 'd', rank, alpha, ...run.shares }))
  const network = { component: 'unet', weights, targets: /./, rate: 1 } as const
  const parameters = new Parameters(graph, weights, { replaced, ...layers.parameters(network) })
  const x = graph.input('x', 'float32', at('x').shape)
  const y = x.rank === 4 ? conv2d(parameters, 'layer', x) : linear(parameters, 'layer', x)
  graph.output('answer', y)
  gradients(graph, squares(y, graph.input('t', 'float32', y.shape)), layers.trained)
  const [mask] = layers.masks as readonly [Value]
  const [kept, ranks] = [at('kept'), at('ranks')]
  const shape = mask.shape as number[]
  const inside = kept.shape
  const [samples = 1] = inside
  const behind = inside.length === 4 ? elementCount(inside.slice(2)) : 1
  const { dropout, rankDropout, moduleDropout } = run.shares
  // The mask that those draws make, at the first number of each of its entries.
  const by = (moduleDropout > 0 ? 0 : 1) / ((1 - dropout) * (1 - rankDropout))
  const whole = kept.data.map(
    (value, i) => value * by * (ranks.data[Math.floor(i / (kept.data.length / samples)) * rank + (Math.floor(i / behind) % rank)] ?? 0),
  )
  const data =
    elementCount(shape) === whole.length ? whole : Float32Array.from({ length: samples * rank }, (_, i) => (ranks.data[i] ?? 0) * by)
  await using session = await Session.create(graph, { provider: 'cpu', threads: 1 })
  const found = await session.run({
    'lora.A/layer': at('down'),
    'lora.B/layer': at('up'),
    x: at('x'),
    t: at('target'),
    [mask.name]: { shape, data },
  })
  expect(relativeL2(found.answer?.data ?? [], at('answer').data)).toBeLessThan(1e-6)
  expect((found.loss?.data[0] ?? NaN) / run.loss).toBeCloseTo(1, 6)
  for (const [role, name] of [['down', 'A'], ['up', 'B']] as const) {
    const expected = unpacked(run.gradients[role]).data
    const got = found[`d/lora.${name}/layer`]?.data ?? []
    if (moduleDropout > 0) expect(Math.max(...got.map(Math.abs))).toBe(0)
    else expect(relativeL2(got, expected)).toBeLessThan(1e-5)
  } // prettier-ignore
})

test('masks leave out as much as they are told, count the rest as much more, and follow from seed, step and layer', () => {
  const shape = ['N', 32, 'H', 16] as const
  const sizes = { N: 4, H: 20 }
  const draw = { seed: 1, step: 2, micro: 3 }
  const none = { dropout: 0, rankDropout: 0, moduleDropout: 0 }
  const mean = (data: Float32Array): number => data.reduce((a, b) => a + b, 0) / data.length
  const mask = (shares: object, more: object = {}, name = 'layer') => {
    const all = { ...none, ...shares }
    return dropMask({ name, shape: maskShape({ shape }, all) }, sizes, all, { ...draw, ...more })
  }
  const element = mask({ dropout: 0.25 })
  expect(element.shape).toEqual([4, 32, 20, 16])
  expect(mean(element.data)).toBeCloseTo(1, 1)
  expect(new Set(element.data)).toEqual(new Set([0, Math.fround(1 / 0.75)]))
  const ranks = mask({ rankDropout: 0.5 })
  expect(ranks.shape).toEqual([4, 32, 1, 1])
  expect(new Set(ranks.data)).toEqual(new Set([0, 2]))
  const modules = Array.from({ length: 400 }, (_, step) => mask({ moduleDropout: 0.3 }, { step }).data)
  expect(modules.every((data) => new Set(data).size === 1)).toBe(true)
  expect(mean(Float32Array.from(modules, (data) => data[0] ?? 0))).toBeCloseTo(0.7, 1)
  // A rank that is left out is so everywhere in its sample.
  const both = mask({ dropout: 0.25, rankDropout: 0.5 })
  for (const [row, kept] of ranks.data.entries()) if (kept === 0) expect(both.data.subarray(row * 320, (row + 1) * 320).every((x) => x === 0)).toBe(true) // prettier-ignore
  expect(mask({ dropout: 0.25 }).data).toEqual(element.data)
  for (const more of [{ seed: 2 }, { step: 3 }, { micro: 0 }]) expect(mask({ dropout: 0.25 }, more).data).not.toEqual(element.data)
  expect(mask({ dropout: 0.25 }, {}, 'another').data).not.toEqual(element.data)
})

test('an orthogonal start is of full rank on both sides and adds nothing; one of the weight spans what the weight does', async () => {
  const data = Float32Array.from({ length: 10 * 12 }, (_, i) => Math.sin(i * i))
  const at = { weight: [10, 12], rank: 4, scale: 1, seed: 3, name: 'x', base: () => Promise.resolve({ shape: [10, 12], data }) }
  const pair = async (name: string, more: object = {}) => {
    const one = pairStarts.find((start) => start.name === name)
    return (await one?.pair?.({ ...at, ...more }, { iterations: 0 })) ?? { down: new Float32Array(), up: new Float32Array() }
  }
  const change = ({ down, up }: { down: Float32Array; up: Float32Array }, rank: number) => {
    const whole = new Float32Array(120)
    addLowRank(whole, { down: { shape: [rank, 12], data: down }, up: { shape: [10, rank], data: up }, alpha: rank }, 1)
    return whole
  }
  const orthogonal = await pair('orthogonal')
  expect(Math.max(...change(orthogonal, 4).map(Math.abs))).toBeLessThan(1e-7)
  expect([orthogonal.down, orthogonal.up].every((values) => values.some((x) => Math.abs(x) > 0.05))).toBe(true)
  // All of the weight, and a pair of more ranks than it has.
  expect(relativeL2(change(await pair('pissa', { rank: 10 }), 10), data)).toBeLessThan(1e-5)
  const wide = await pair('pissa', { rank: 12 })
  expect(relativeL2(change(wide, 12), data)).toBeLessThan(1e-5)
  expect(wide.down.subarray(10 * 12).every((x) => x !== 0)).toBe(true)
  const down = (await pair('svd-down')).down
  for (let i = 0; i < 4; i++)
    for (let j = 0; j <= i; j++) {
      const dot = Array.from({ length: 12 }, (_, k) => (down[i * 12 + k] ?? 0) * (down[j * 12 + k] ?? 0)).reduce((a, b) => a + b)
      expect(dot).toBeCloseTo(i === j ? 1 : 0, 5)
    }
})

test('a share of 0 and the standard start are none', () => {
  const none = { dropout: 0, rankDropout: 0, moduleDropout: 0, start: 'standard' }
  const layers = adaptedLayers(new Graph('none'), trainRequest.parse({ dataset: 'd', ...none }))
  expect([layers.taken, layers.shares]).toEqual([false, undefined])
})

test('what cannot begin or be left out is refused before a run begins', () => {
  const refused = (more: object, continued = false): string[] =>
    trainingRules.flatMap((rule) => {
      try {
        return (rule(trainRequest.parse({ dataset: 'd', ...more }), continued), [])
      } catch (error) {
        return [(error as { code: string }).code]
      }
    })
  expect(refused({ start: 'pissa', startOptions: { iterations: 4 }, dropout: 0.1, rankDropout: 0.2, moduleDropout: 0.3 })).toEqual([])
  expect(refused({ start: 'orthogonal', rank: 3 })).toEqual(['start-rank'])
  expect(refused({ start: 'orthogonal', blockRanks: 'M00=5' })).toEqual(['start-rank'])
  expect(refused({ start: 'orthogonal', rank: 4, members: 4 })).toEqual(['start-rank'])
  expect(refused({ start: 'olora', members: 2 })).toEqual(['start-members'])
  expect(refused({ start: 'gaussian', members: 2 })).toEqual([])
  expect(refused({ start: 'svd-down' }, true)).toEqual(['start-continued'])
  expect(refused({ start: 'standard' }, true)).toEqual([])
  expect(refused({ start: 'pissa', startOptions: { iterations: 99 } })).toContain('start-option-invalid')
  for (const more of [{ start: 'pissa' }, { dropout: 0.1 }, { rankDropout: 0.1 }, { moduleDropout: 0.1 }]) {
    expect(refused({ variant: 'dora', ...more })).toContain('variant-options')
    expect(refused({ method: 'adalora', ...more })).toContain('method-layers')
  }
  expect(trainRequest.safeParse({ dataset: 'd', dropout: 1 }).success).toBe(false)
})
