// One case by the engine: prepared, and stepped as the app steps.
import type { Checkpoint } from '../../../engine/checkpoint/config.ts'
import { generate } from '../../../engine/generate.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { generateRequest } from '../../../engine/requests/generate.ts'
import { layoutOf, views } from '../../../engine/runtime/flat-parameters.ts'
import { Session, type Feed, type IntTensor, type SessionOptions } from '../../../engine/runtime/session.ts'
import { runAdapted, StackFeeds, type AdaptedSession } from '../../../engine/sessions/adapted-session.ts'
import { decoderSession, encoderSession, textSession, unetSession } from '../../../engine/sessions/networks.ts'
import { Model } from '../../../engine/sessions/open-model.ts'
import { textFeeds } from '../../../engine/sessions/text-feeds.ts'
import { randomStream } from '../../../engine/tensor/philox.ts'
import { elementCount, type Tensor } from '../../../engine/tensor/tensor.ts'
import { packedBase } from '../../../engine/training/base-weights.ts'
import * as adamw from '../../../engine/training/optimizers/adamw.ts'
import { loraGraph } from '../../../engine/training/training-graph.ts'
import { releasePacked } from '../../../engine/weights/codec.ts'
import { drain } from '../../../main/operations/drain.ts'
import { embeddedPath } from '../../../main/places/embedded.ts'
import { randomStack } from '../random-unet.ts'
import { embeddedTokens, text, tokens, unets, vae, type Case, type Task } from './cases.ts'
import { openWeights, writeWeights } from './weights.ts'

export interface Prepared {
  /** One step; what it answers is compared with the other side. */
  readonly step: () => Promise<Tensor | undefined>
  readonly close: () => Promise<void>
}

export async function prepare(own: Case, folder: string, options: SessionOptions): Promise<Prepared> {
  return tasks[own.task](own, folder, options)
}

const tasks: Readonly<Record<Task, (own: Case, folder: string, options: SessionOptions) => Promise<Prepared>>> = {
  async forward(own, folder, options) {
    const checkpoint = await checkpointOf(own, folder)
    const [network, none] = [await unetSession(checkpoint, options), new StackFeeds([])]
    const feeds = inputsOf(own, checkpoint)
    return { step: async () => (await runAdapted(network, feeds, none)).out, close: () => closed(network.session) }
  },

  async lora(own, folder, options) {
    const checkpoint = await checkpointOf(own, folder)
    const { recompute = false, layers = 'attention' } = own
    const sizes = { N: own.batch, H: own.cells, W: own.cells, T: own.network === 'embedded' ? embeddedTokens : tokens }
    const base = await drain(packedBase(checkpoint.unet.weights, {}), () => undefined)
    const { graph, trained } = loraGraph(checkpoint, { rank: 16, alpha: 16, recompute, layers, base, sizes })
    const { placements, size } = layoutOf(trained)
    const theta = new Float32Array(size)
    // A as a run begins, B as after some steps, both by a formula that the other side has too.
    for (const { name, shape, offset } of placements)
      theta.set(started(name, elementCount(shape), name.includes('lora.A/') ? 1 / Math.sqrt(shape[1] ?? 1) : 0.01), offset)
    const gradient = new Float32Array(size)
    const [parameters, into] = [views(placements, theta), views(placements, gradient, 'd/')]
    const state = adamw.init(size)
    const session = await Session.create(graph, options)
    if (base) releasePacked(base)
    const inputs = inputsOf(own, checkpoint)
    const feeds = { ...inputs, target: inputs.sample as Tensor, weight: { shape: [own.batch], data: new Float32Array(own.batch).fill(1) } }
    let step = 0
    return {
      async step() {
        const { loss } = await session.run({ ...feeds, ...parameters }, into)
        adamw.update(theta, gradient, state, { lr: 1e-4, beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0.01, step: ++step })
        return loss
      },
      close: () => closed(session),
    }
  },

  async encode(own, folder, options) {
    if (own.network === 'text') {
      const session = await textSession({ config: text, weights: await openWeights('text', folder) }, 0, options)
      const { data: ids } = idsOf(own)
      const rows = new BigInt64Array(own.batch * tokens)
      const inserted = { table: { shape: [1, text.width], data: new Float32Array(text.width) }, rows }
      const feeds = textFeeds(text, { ids, rows: own.batch, endOfText: new Float32Array(own.batch * tokens), inserted })
      const none = new StackFeeds([])
      return { step: async () => (await runAdapted(session, feeds, none)).context, close: () => closed(session.session) }
    }
    const session = await encoderSession(await autoencoder(folder), options)
    const pixels = noise('pixels', [own.batch, 3, own.cells * 8, own.cells * 8])
    return { step: async () => (await session.run({ pixels })).mean, close: () => closed(session) }
  },

  async decode(own, folder, options) {
    const session = await decoderSession(await autoencoder(folder), options)
    const latents = noise('latents', [own.batch, 4, own.cells, own.cells])
    return { step: async () => (await session.run({ latents })).pixels, close: () => closed(session) }
  },

  async picture(_own, _folder, { threads }) {
    const model = await Model.open(embeddedPath, threads ? { threads } : {})
    const request = generateRequest.parse({ prompt: 'a red apple', steps: 16, sampler: 'ddim', guidance: 5 })
    return {
      async step() {
        const run = generate(model, request)
        while (!(await run.next()).done);
        return undefined
      },
      close: () => closed(model),
    }
  },

  async reweigh(own, folder, options) {
    const checkpoint = await checkpointOf(own, folder)
    const network = await unetSession(checkpoint, options)
    const modules = [...checkpoint.unet.weights].flatMap(([key, { shape }]) =>
      key.endsWith('.weight') && shape.length === 2 ? [{ path: key.slice(0, -'.weight'.length), weight: shape }] : [],
    )
    const stack = randomStack(4, 16, modules)
    return reweighing(network, stack)
  },
}

/** Strengths of four adapters changed, without the run that follows. */
function reweighing(network: AdaptedSession, stack: ReturnType<typeof randomStack>): Prepared {
  let turn = 0
  return {
    async step() {
      turn++
      await new StackFeeds(stack.map((entry, i) => ({ ...entry, weight: 0.1 * (1 + ((turn + i) % 7)) }))).of(network)
      return undefined
    },
    close: () => closed(network.session),
  }
}

export const idsOf = ({ batch }: Case): IntTensor => ({
  shape: [batch, tokens],
  data: BigInt64Array.from({ length: batch * tokens }, (_, i) => BigInt((i * 37) % 49_000)),
})

const closed = async (session: AsyncDisposable): Promise<void> => await session[Symbol.asyncDispose]()
export const noise = (name: string, shape: number[]): Tensor => ({ shape, data: randomStream(2, name, 0).normal(elementCount(shape)) })

/** sin of the place, from a phase that the name gives: the same numbers in any language. */
export function started(name: string, count: number, scale: number): Float32Array {
  const phase = Array.from(name).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 7)
  return Float32Array.from({ length: count }, (_, i) => scale * Math.sin(phase + 1.7 * i))
}

/** Latents, timesteps and context of one run. */
export function inputsOf({ network, batch, cells }: Case, { unet: { config } }: Pick<Checkpoint, 'unet'>): Record<string, Feed> {
  return {
    sample: noise('sample', [batch, config.inChannels, cells, cells]),
    timestep: { shape: [batch], data: new Float32Array(batch).fill(500) },
    context: noise('context', [batch, network === 'embedded' ? embeddedTokens : tokens, config.crossAttentionDim]),
  }
}

export async function checkpointOf({ network }: Case, folder: string): Promise<Pick<Checkpoint, 'family' | 'unet' | 'textEncoders'>> {
  if (network === 'embedded') return openCheckpoint(embeddedPath)
  if (network === 'text' || network === 'vae') throw new Error(`"${network}" is no UNet`)
  await writeWeights(network, folder)
  return { family: 'sd1', unet: { config: unets[network], weights: await openWeights(network, folder) }, textEncoders: [] }
}

/** A checkpoint of which the autoencoder alone is asked for. */
export async function autoencoder(folder: string): Promise<Checkpoint> {
  return { ...(await openCheckpoint(embeddedPath)), vae: { config: vae, weights: await openWeights('vae', folder) } }
}
