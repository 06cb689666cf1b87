// How far a provider is from the CPU provider: the same graphs, the same numbers, relative L2.
import { toldReason } from '../../engine/requests/reason.ts'
import { join } from 'node:path'
import { StackFeeds, runAdapted } from '../../engine/sessions/adapted-session.ts'
import { checkProvider } from '../../engine/runtime/self-test.ts'
import { Session, type Feed, type Provider } from '../../engine/runtime/session.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { elementCount, relativeL2, type Tensor } from '../../engine/tensor/tensor.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { loraGraph } from '../../engine/training/training-graph.ts'
import { embeddedPath } from '../../main/places/embedded.ts'
import { RecordedCase } from '../parity/recorded-case.ts'
import { trainingFeeds, unetFeeds } from './random-unet.ts'

export interface Parity {
  readonly what: string
  readonly error: number
  readonly bar: number
}
export interface Failure {
  readonly what: string
  readonly failed: string
}
type Tensors = Readonly<Record<string, Tensor>>

const bars = { forward: 1e-3, gradient: 1e-2 }
const rank = 16
/** Few: several parts are measured at once. */
const threads = 2

/** Each is measured to its end: what throws is one failure among the rest. */
export const parityParts: Readonly<Record<string, (provider: Provider) => AsyncGenerator<Parity | Failure>>> = {
  'self-test': selfTest,
  embedded: (provider) => modelParity(embeddedPath, provider),
  async *'sd1-eps'(provider) {
    await using recorded = await RecordedCase.open(join(import.meta.dirname, '../../engine/fixtures/reference/sd1-eps'))
    yield* modelParity(recorded.layouts.diffusers ?? '', provider)
  },
}

async function* selfTest(provider: Provider): AsyncGenerator<Parity | Failure> {
  const { error, reason } = await checkProvider(provider)
  const what = 'outputs and gradients'
  if (error === undefined) yield { what, failed: reason ? toldReason(reason) : 'no answer' }
  else yield { what, error, bar: bars.gradient }
}

async function* modelParity(path: string, provider: Provider): AsyncGenerator<Parity | Failure> {
  await using reference = await Model.open(path, { threads })
  await using model = await Model.open(path, { provider, threads })
  for (const [what, run] of Object.entries(forwards)) {
    try {
      const [want, got] = [await run(reference), await run(model)]
      for (const [name, { data }] of Object.entries(want))
        yield { what: `${what}: ${name}`, error: relativeL2(got[name]?.data ?? [], data), bar: bars.forward }
    } catch (error) {
      yield { what, failed: String(error) }
    }
  }
  for (const recompute of [false, true]) {
    const what = `LoRA step of rank ${rank}, batch 4${recompute ? ', recomputed' : ''}`
    try {
      yield* gradientParity(what, await gradients(reference, recompute), await gradients(model, recompute))
    } catch (error) {
      yield { what, failed: String(error) }
    }
  }
}

const forwards: Readonly<Record<string, (model: Model) => Promise<Tensors>>> = {
  async 'UNet, batch 2'(model) {
    return runAdapted(await model.unet(), unetFeeds(model.checkpoint.unet.config, sizeOf(model, 2)), new StackFeeds([]))
  },
  async 'VAE decoder'(model) {
    const { latentChannels } = model.checkpoint.vae.config
    const { cells } = sizeOf(model, 2)
    return (await model.decoder()).run({ latents: noise('latents', [2, latentChannels, cells, cells]) })
  },
  async 'VAE encoder'(model) {
    const side = sizeOf(model, 2).cells * model.pixelFactor
    const pixels = noise('pixels', [2, model.checkpoint.vae.config.inChannels, side, side])
    return (await model.encoder()).run({ pixels: { ...pixels, data: pixels.data.map((x) => Math.tanh(x)) } })
  },
  async 'text encoder'(model) {
    const { context } = await model.encodePrompts(['a red apple', ''])
    return { context }
  },
}

/** Loss and the gradient of every A and B, none of which is zero. */
async function gradients(model: Model, recompute: boolean): Promise<Tensors> {
  const { unet } = model.checkpoint
  const { graph, trained } = loraGraph(model.checkpoint, { rank, alpha: rank, recompute })
  const feeds: Record<string, Feed> = trainingFeeds(unet.config, sizeOf(model, 4))
  for (const { name, shape } of trained) {
    const { data, shape: dims } = noise(name, shape as readonly number[])
    feeds[name] = { shape: dims, data: data.map((x) => 0.05 * x) }
  }
  await using session = await Session.create(graph, model.sessionOptions)
  return await session.run(feeds)
}

function* gradientParity(what: string, { loss, ...want }: Tensors, got: Tensors): Generator<Parity> {
  yield { what: `${what}: loss`, error: relativeL2(got.loss?.data ?? [], loss?.data ?? []), bar: bars.forward }
  const names = Object.keys(want)
  const joined = (from: Tensors): number[] => names.flatMap((name) => [...(from[name]?.data ?? [])])
  yield { what: `${what}: all gradients as one`, error: relativeL2(joined(got), joined(want)), bar: bars.gradient }
  const errors = names.map((name) => ({ name, error: relativeL2(got[name]?.data ?? [], want[name]?.data ?? []) }))
  const worst = errors.reduce((a, b) => (b.error > a.error || Number.isNaN(b.error) ? b : a))
  yield { what: `${what}: worst of ${names.length}, ${worst.name}`, error: worst.error, bar: bars.gradient }
}

function sizeOf({ checkpoint }: Model, batch: number): Parameters<typeof unetFeeds>[1] {
  return { batch, cells: checkpoint.unet.config.sampleSize, tokens: checkpoint.textEncoders[0]?.config.positions ?? 77 }
}

function noise(name: string, shape: readonly number[]): Tensor {
  return { shape, data: randomStream(4, name, 0).normal(elementCount(shape)) }
}
