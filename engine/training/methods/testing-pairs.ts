// Runs of methods on single layers with fixed data, as build/reference/lora_methods.py records them.
import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import type { Adapter } from '../../adapters/adapter.ts'
import { wholeChange } from '../../adapters/term.ts'
import { variantCalled } from '../../adapters/variants/variant.ts'
import { backward } from '../../autodiff/backward.ts'
import type { WeightMap } from '../../checkpoint/config.ts'
import { Graph, type Value } from '../../graph/graph.ts'
import { add, mul, reduceMean, sub } from '../../graph/math.ts'
import { conv2d, linear } from '../../nn/layers.ts'
import { Parameters } from '../../nn/parameters.ts'
import { Session } from '../../runtime/session.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { LaneSteps } from '../lane-steps.ts'
import { Lanes } from '../lanes.ts'
import { adamw } from '../optimizers/adamw.ts'
import type { At, Feeds, Plan } from '../plan.ts'
import type { TrainedNetwork } from '../trained-networks.ts'
import type { TrainingMethod } from './method.ts'

export interface Packed {
  readonly shape: readonly number[]
  readonly data: string
}
type Of<T> = Readonly<Record<string, T>>

export interface PairRun {
  readonly rank: number
  readonly alpha: number
  readonly steps: number
  readonly rate: number
  readonly eps: number
  readonly weightDecay: number
  readonly inputs: Of<Packed>
  readonly targets: Of<Packed>
  readonly base: Of<{ readonly weight: Packed; readonly bias: Packed }>
  readonly start: Of<Readonly<Record<'A' | 'B', Packed>>>
  readonly losses: readonly number[]
  readonly delta: Of<Packed>
}

export const recorded = <T>(name: string): T => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as T

export const unpacked = ({ shape, data }: Packed): Tensor => {
  return { shape, data: new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer) }
}

const everyAxis = ({ shape }: { readonly shape: readonly unknown[] }): number[] => shape.map((_, i) => i)

/** The graph of a run under a method, and its plan, which begins as the recording does. */
export function opened<O extends z.ZodObject>(method: TrainingMethod<O>, options: z.output<O>, run: PairRun) {
  const { rank, alpha, steps, inputs, base } = run
  const layers = Object.keys(inputs)
  const graph = new Graph('recorded')
  const replaced = new Map(layers.flatMap((layer) => [[`${layer}.weight`, unpacked((base[layer] as never as { weight: Packed }).weight)], [`${layer}.bias`, unpacked((base[layer] as never as { bias: Packed }).bias)]] as const)) // prettier-ignore
  // Only their keys and shapes are asked for: the values are the replaced ones.
  const weights = new Map([...replaced].map(([key, { shape }]) => [key, { shape }])) as unknown as WeightMap
  const network: TrainedNetwork = { component: 'unet', weights, targets: /./, rate: 1 }
  const request = { rank, alpha, steps, layers: 'all', members: 1, recompute: false } as const
  const open = method.open({ graph, networks: [network], request }, options)
  const parameters = new Parameters(graph, weights, { replaced, ...open.parameters(network) })
  const errors = layers.map((layer) => {
    const { shape } = inputs[layer] as Packed
    const x = graph.input(`x.${layer}`, 'float32', ['N', ...shape.slice(1)])
    const y = shape.length < 4 ? linear(parameters, layer, x) : conv2d(parameters, layer, x, layer === 'point' ? {} : undefined)
    const error = sub(y, graph.input(`t.${layer}`, 'float32', y.shape))
    return reduceMean(mul(error, error), everyAxis(y), false)
  })
  const loss = errors.reduce((a, b) => add(a, b))
  graph.output('loss', loss)
  const trained = open.trainedOf([parameters])
  backward(loss, trained).forEach((gradient, i) => graph.output(`d/${trained[i]?.name}`, gradient))
  const feeds: Feeds = Object.fromEntries(layers.flatMap((layer) => [[`x.${layer}`, unpacked(inputs[layer] as Packed)], [`t.${layer}`, unpacked(run.targets[layer] as Packed)]] as const)) // prettier-ignore
  const plan = open.plan()
  const startOf = (name: string): Float32Array => {
    const [role, layer] = name.slice('lora.'.length).split('/') as ['A' | 'B', string]
    return unpacked((run.start[layer] as Readonly<Record<'A' | 'B', Packed>>)[role]).data
  }
  const begun = <T extends { readonly name: string }>(all: readonly T[] = []) =>
    all.map((one) => ({ ...one, start: () => startOf(one.name) }))
  return { graph, trained, feeds, plan: { ...plan, trainables: begun(plan.trainables), frozen: begun(plan.frozen) } }
}

/** Its steps; `fed` stands in place of what the method feeds by itself. */
export async function steps(
  { graph, feeds, plan }: { readonly graph: Graph; readonly feeds: Feeds; readonly plan: Plan<Adapter> },
  run: Pick<PairRun, 'steps' | 'rate' | 'eps' | 'weightDecay'>,
  fed?: (step: number) => Feeds,
): Promise<{ readonly losses: readonly number[]; readonly adapter: Adapter }> {
  const { rate, eps, weightDecay } = run
  const own = fed ? { feeds: ({ step }: At) => fed(step) } : {}
  await using lanes = await Lanes.open(graph, { count: 1, threads: 1, session: { provider: 'cpu', threads: 1 } })
  await using taken = await LaneSteps.open(
    {
      graph,
      plan: { ...plan, ...own },
      members: [{ index: 0, seed: 0 }],
      batches: () => () => feeds,
      accumulation: 1,
      optimizer: (theta, layout) => adamw.open(theta, layout, { beta1: 0.9, beta2: 0.999, eps, weightDecay }),
      rate: () => rate,
      maxGradNorm: Infinity,
    },
    lanes,
  )
  const losses: number[] = []
  for (let step = 0; step < run.steps; step++) losses.push((await taken.advance(step))[0]?.outputs.loss ?? NaN)
  return { losses, adapter: await taken.result() }
}

/** ΔW of a layer, row-major. */
export async function deltaOf({ modules }: Adapter, path: string, shape: readonly number[]): Promise<Float32Array> {
  const module = modules.find((one) => one.path === path)
  if (!module) throw new Error(`There is nothing on "${path}".`)
  const base = { shape, read: () => Promise.reject(new Error('Its base is not asked for.')) }
  return wholeChange(await variantCalled(module.variant).terms(module, base), base)
}

/** How far the gradient of a tensor is from differences of the loss along a random direction, relative. */
export async function slopeError(graph: Graph, feeds: Record<string, Tensor>, { name }: Value, direction: Float32Array): Promise<number> {
  await using session = await Session.create(graph, { provider: 'cpu', threads: 1 })
  const { [`d/${name}`]: gradient } = await session.run(feeds)
  const { shape, data } = feeds[name] as Tensor
  const along = async (by: number): Promise<number> => {
    const { loss } = await session.run({ ...feeds, [name]: { shape, data: data.map((x, i) => x + by * (direction[i] ?? 0)) } })
    return loss?.data[0] ?? NaN
  }
  const slope = ((await along(0.01)) - (await along(-0.01))) / 0.02
  const expected = direction.reduce((sum, x, i) => sum + x * (gradient?.data[i] ?? NaN), 0)
  return Math.abs(slope - expected) / Math.max(Math.abs(slope), 1e-6)
}
