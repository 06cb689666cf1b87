// The networks of a checkpoint as sessions. Each is made when first used and kept; adapters are inputs, so a stack never makes a new one.
import { addDelta, activeModules, inputNameA, inputNameB, stackFeeds, type AdaptedModule, type StackEntry } from '../adapters/stack.ts'
import type { Component } from '../adapters/adapter.ts'
import { Graph } from '../graph/graph.ts'
import { buildClipText } from '../models/clip-text.ts'
import type { Checkpoint, ClipTextConfig, Network, WeightMap } from '../checkpoint/config.ts'
import { denoised } from '../models/denoiser.ts'
import { buildVaeDecoder, buildVaeEncoder } from '../models/vae.ts'
import { Parameters, type LowRankPair, type ParameterOptions } from '../nn/parameters.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { Session, type Feed, type SessionOptions } from '../runtime/session.ts'
import { readWeight } from '../runtime/read-weight.ts'

/** A session together with the modules that it leaves open for adapters. */
export interface AdaptedSession {
  readonly session: Session
  readonly component: Component
  readonly adapted: readonly AdaptedModule[]
  /** The least rank that the provider can be fed with. */
  readonly minimumRank: number
}

/** WebGPU takes the process down on a tensor without elements, so nothing active is fed as one rank of zeros there. */
const minimumRankOf = ({ provider = 'cpu' }: SessionOptions): number => (provider === 'cpu' ? 0 : 1)

/** Runs an adapted session with a stack. An empty stack has rank 0 everywhere: the base model, bit for bit. */
export function runAdapted(
  { session, component, adapted, minimumRank }: AdaptedSession,
  feeds: Record<string, Feed>,
  stack: StackFeeds,
): Promise<Record<string, Tensor>> {
  return session.run({ ...feeds, ...stack.of(component, adapted, minimumRank) })
}

/** Feeds of one stack, concatenated once for all steps of a picture and all sessions of a model. */
export class StackFeeds {
  readonly #stack: readonly StackEntry[]
  /** By the modules that a session leaves open: another model's are others. */
  readonly #made = new Map<readonly AdaptedModule[], Record<string, Tensor>>()
  constructor(stack: readonly StackEntry[]) {
    this.#stack = stack
  }
  of(component: Component, adapted: readonly AdaptedModule[], minimumRank: number): Record<string, Tensor> {
    const known = this.#made.get(adapted)
    if (known) return known
    const feeds = stackFeeds(this.#stack, component, adapted, minimumRank)
    this.#made.set(adapted, feeds)
    return feeds
  }
}

/** Leaves every linear layer of a network open, and its convolutions if asked to: A and B become inputs, each with its own run-time rank. */
class OpenModules {
  readonly modules: AdaptedModule[] = []
  readonly #graph: Graph
  readonly #convolutions: boolean
  constructor(graph: Graph, convolutions: boolean) {
    this.#graph = graph
    this.#convolutions = convolutions
  }
  readonly adapt = (path: string, weight: readonly number[]): LowRankPair | undefined => {
    const [outputs = 0, inputs = 0, ...kernel] = weight
    if (kernel.length > 0 && !this.#convolutions) return undefined
    const rank = `R${this.modules.length}`
    this.modules.push({ path, weight })
    return {
      a: this.#graph.input(inputNameA(path), 'float32', [rank, inputs, ...kernel]),
      b: this.#graph.input(inputNameB(path), 'float32', [outputs, rank, ...kernel.map(() => 1)]),
    }
  }
}

export const textComponent = (index: number): Component => (index === 0 ? 'text_encoder' : 'text_encoder_2')

export interface UNetOptions {
  /** Weights that replace the file's and leave nothing open. */
  readonly folded?: ReadonlyMap<string, Tensor>
  /** Leaves convolutions open too. Each then costs a little even where nothing is active. */
  readonly convolutions?: boolean
}

/** UNet for sampling. */
export async function unetSession(
  checkpoint: Pick<Checkpoint, 'family' | 'unet'>,
  options: SessionOptions,
  { folded, convolutions = false }: UNetOptions = {},
): Promise<AdaptedSession> {
  const graph = new Graph('unet')
  const { parameters, open } = prepare(graph, checkpoint.unet.weights, { ...(folded ? { folded } : {}), convolutions })
  graph.output('out', denoised(parameters, checkpoint, { fused: (options.provider ?? 'cpu') === 'cpu' }))
  return { session: await Session.create(graph, options), component: 'unet', adapted: open.modules, minimumRank: minimumRankOf(options) }
}

export async function textSession(
  { config, weights }: Network<ClipTextConfig>,
  index: number,
  options: SessionOptions,
  folded?: ReadonlyMap<string, Tensor>,
): Promise<AdaptedSession> {
  const graph = new Graph(textComponent(index))
  const { parameters, open } = prepare(graph, weights, folded ? { folded } : {})
  const ids = graph.input('ids', 'int64', ['N', config.positions])
  const end = config.projection ? graph.input('end_of_text', 'float32', ['N', config.positions, 1]) : undefined
  const { context, last, pooled } = buildClipText(parameters, config, ids, end)
  graph.output('context', context)
  graph.output('last', last)
  if (pooled) graph.output('pooled', pooled)
  return {
    session: await Session.create(graph, options),
    component: textComponent(index),
    adapted: open.modules,
    minimumRank: minimumRankOf(options),
  }
}

export async function encoderSession({ vae }: Checkpoint, options: SessionOptions): Promise<Session> {
  const graph = new Graph('vae encoder')
  const pixels = graph.input('pixels', 'float32', ['N', vae.config.inChannels, 'H', 'W'])
  const { mean, logVariance } = buildVaeEncoder(new Parameters(graph, vae.weights), vae.config, pixels)
  graph.output('mean', mean)
  graph.output('log_variance', logVariance)
  return Session.create(graph, options)
}

export async function decoderSession({ vae }: Checkpoint, options: SessionOptions): Promise<Session> {
  const graph = new Graph('vae decoder')
  const latents = graph.input('latents', 'float32', ['N', vae.config.latentChannels, 'H', 'W'])
  graph.output('pixels', buildVaeDecoder(new Parameters(graph, vae.weights), vae.config, latents))
  return Session.create(graph, options)
}

function prepare(
  graph: Graph,
  weights: WeightMap,
  { folded, convolutions = false }: UNetOptions,
): { parameters: Parameters; open: OpenModules } {
  const open = new OpenModules(graph, convolutions)
  const options: ParameterOptions = folded ? { replaced: folded } : { adapt: open.adapt }
  return { parameters: new Parameters(graph, weights, options), open }
}

/** W′ = W₀ + Σ w·(α/R)·B·A for every module of a component that the stack touches, read from the file and added in fp32. */
export async function foldedWeights(weights: WeightMap, stack: readonly StackEntry[], component: Component): Promise<Map<string, Tensor>> {
  const folded = new Map<string, Tensor>()
  for (const [path, parts] of activeModules(stack, component)) {
    const key = `${path}.weight`
    const source = weights.get(key)
    if (!source) continue
    const base = await readWeight(source)
    const data = base.data.slice()
    for (const { module, weight } of parts) addDelta(data, module, weight)
    folded.set(key, { shape: base.shape, data })
  }
  return folded
}
