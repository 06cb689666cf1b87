// The two things that are measured over and over: a forward pass and a LoRA training step of a random UNet.
import { foldedWeights, runAdapted, StackFeeds, unetSession } from '../../engine/runtime/networks.ts'
import { Session, type SessionOptions } from '../../engine/runtime/session.ts'
import type { UNetConfig } from '../../engine/models/config.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { elementCount, type Tensor } from '../../engine/tensor/tensor.ts'
import { loraGraph } from '../../engine/verbs/training-graph.ts'
import { measure, type Figures } from './bench.ts'
import { checkpointOf, openRandomUnet, randomStack, trainingFeeds, unetFeeds } from './random-unet.ts'

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
  readonly more: number
  readonly session?: SessionOptions
}

export const threads = Number(process.env.PIGMENT_THREADS) || undefined
const usual: SessionOptions = { ...(threads ? { threads } : {}) }

export async function forward(
  config: UNetConfig,
  folder: string,
  size: Size,
  { adapters = 0, folded = false, more, session = usual }: ForwardOptions,
): Promise<Figures> {
  const checkpoint = checkpointOf(await openRandomUnet(config, folder))
  const modules = [...checkpoint.unet.weights].flatMap(([key, { shape }]) => {
    return key.endsWith('.weight') && shape.length === 2 ? [{ path: key.slice(0, -'.weight'.length), weight: shape }] : []
  })
  const stack = randomStack(adapters, 16, modules)
  const feeds = unetFeeds(config, size)
  return measure(async () => {
    const network = await unetSession(
      checkpoint,
      session,
      folded ? { folded: await foldedWeights(checkpoint.unet.weights, stack, 'unet') } : {},
    )
    const stacked = new StackFeeds(folded ? [] : stack)
    return () => runAdapted(network, feeds, stacked)
  }, more)
}

export interface StepOptions {
  readonly rank: number
  readonly recompute: boolean
  readonly more: number
  readonly session?: SessionOptions
}

export async function loraStep(
  config: UNetConfig,
  folder: string,
  size: Size,
  { rank, recompute, more, session = usual }: StepOptions,
): Promise<Figures> {
  const network = await openRandomUnet(config, folder)
  const feeds = trainingFeeds(config, size)
  return measure(async () => {
    const { graph, trained } = loraGraph(network, { rank, alpha: rank, recompute })
    const values = trained.map(({ name, shape }): [string, Tensor] => {
      const dims = shape as readonly number[]
      return [
        name,
        {
          shape: dims,
          data: randomStream(3, name, 0)
            .normal(elementCount(dims))
            .map((x) => x * 0.01),
        },
      ]
    })
    const running = await Session.create(graph, session)
    return () => running.run({ ...feeds, ...Object.fromEntries(values) })
  }, more)
}
