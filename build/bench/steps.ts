// The two things that are measured over and over: a forward pass and a LoRA training step of a UNet.
import type { UNetConfig } from '../../engine/checkpoint/config.ts'
import * as adamw from '../../engine/training/optimizers/adamw.ts'
import { layoutOf, views } from '../../engine/runtime/flat-parameters.ts'
import { runAdapted, StackFeeds, stackTerms } from '../../engine/sessions/adapted-session.ts'
import { foldedWeights } from '../../engine/sessions/folded-weights.ts'
import { unetNetwork } from '../../engine/adapter-formats/base-networks.ts'
import { unetSession } from '../../engine/sessions/networks.ts'
import { Session, type SessionOptions } from '../../engine/runtime/session.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { packedBase } from '../../engine/training/base-weights.ts'
import { loraGraph, type Denoising } from '../../engine/training/training-graph.ts'
import { drain } from '../../main/operations/drain.ts'
import type { BaseWeights } from '../../engine/weights/codec.ts'
import { measure, type Figures } from './bench.ts'
import { openRandomUnet, randomStack, trainingFeeds, unetFeeds } from './random-unet.ts'

export interface Size {
  readonly batch: number
  readonly cells: number
  readonly tokens: number
}

export interface ForwardOptions {
  /** Adapters of rank 16 on the attention projections. */
  readonly adapters?: number
  /** Added into the weights; nothing is left open. */
  readonly folded?: boolean
  /** The batch by the model alone, and one row more under the stack. */
  readonly apart?: boolean
  readonly more: number
  readonly session?: SessionOptions
}

export const threads = Number(process.env.PIGMENT_THREADS) || undefined
const usual: SessionOptions = { ...(threads ? { threads } : {}) }

/** A random UNet that `writeRandomUnet` left in a folder. */
export async function forward(config: UNetConfig, folder: string, size: Size, options: ForwardOptions): Promise<Figures> {
  return forwardOf(await openRandomUnet(config, folder), size, options)
}

export async function forwardOf(
  checkpoint: Denoising,
  size: Size,
  { adapters = 0, folded = false, apart = false, more, session = usual }: ForwardOptions,
): Promise<Figures> {
  const { unet } = checkpoint
  const modules = [...unet.weights].flatMap(([key, { shape }]) => {
    return key.endsWith('.weight') && shape.length === 2 ? [{ path: key.slice(0, -'.weight'.length), weight: shape }] : []
  })
  const stack = randomStack(adapters, 16, modules)
  const feeds = unetFeeds(unet.config, size)
  return measure(async () => {
    const base = unetNetwork(checkpoint)
    const replaced = folded ? { folded: await foldedWeights(base.weights, await stackTerms(base, stack)) } : {}
    const network = await unetSession(checkpoint, session, replaced)
    const stacked = new StackFeeds(folded ? [] : stack)
    if (!apart) return () => runAdapted(network, feeds, stacked)
    const row = unetFeeds(unet.config, { ...size, batch: 1 })
    const none = new StackFeeds([])
    return async () => {
      await runAdapted(network, feeds, none)
      return runAdapted(network, row, stacked)
    }
  }, more)
}

export interface StepOptions {
  readonly rank: number
  readonly recompute: boolean
  /** How the frozen weights are kept; default: as a run keeps them. */
  readonly base?: BaseWeights | undefined
  readonly more: number
  readonly session?: SessionOptions
}

/** A random UNet that `writeRandomUnet` left in a folder. */
export async function loraStep(config: UNetConfig, folder: string, size: Size, options: StepOptions): Promise<Figures> {
  return loraStepOf(await openRandomUnet(config, folder), size, options)
}

/** Forward, backward and the update of A and B. */
export async function loraStepOf(
  checkpoint: Denoising,
  size: Size,
  { rank, recompute, base, more, session = usual }: StepOptions,
): Promise<Figures> {
  const feeds = trainingFeeds(checkpoint.unet.config, size)
  const sizes = { N: size.batch, H: size.cells, W: size.cells, T: size.tokens }
  return measure(async () => {
    const kept = base ?? (await drain(packedBase(checkpoint.unet.weights, {}, session), () => {}))
    const { graph, trained } = loraGraph(checkpoint, { rank, alpha: rank, recompute, base: kept, sizes })
    const { placements, size: count } = layoutOf(trained)
    const theta = randomStream(3, 'theta', 0)
      .normal(count)
      .map((x) => x * 0.01)
    const gradient = new Float32Array(count)
    const [parameters, into] = [views(placements, theta), views(placements, gradient, 'd/')]
    const state = adamw.init(count)
    const running = await Session.create(graph, session)
    let step = 0
    return async () => {
      await running.run({ ...feeds, ...parameters }, into)
      adamw.update(theta, gradient, state, { lr: 1e-4, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01, step: ++step })
    }
  }, more)
}
