// UNet and text encoder together, on latents of the trained autoencoder. node build/pretrain/train-unet.ts [steps] [--from STEP --lr X --plain SHARE --restyled SHARE --batch N]
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import { openSafetensors, readTensor } from '../../engine/files/safetensors.ts'
import { writeSafetensors } from '../../engine/files/safetensors-write.ts'
import { fromFloat32 } from '../../engine/tensor/dtype.ts'
import { Graph } from '../../engine/graph/graph.ts'
import type { ClipTextConfig, UNetConfig } from '../../engine/checkpoint/config.ts'
import { unetModules } from '../../engine/models/keys/unet-modules.ts'
import { vaeModules } from '../../engine/models/keys/vae-modules.ts'
import { buildVaeEncoder } from '../../engine/models/vae.ts'
import { initialize, shapesOnly } from '../../engine/models/initialize.ts'
import { Parameters } from '../../engine/nn/parameters.ts'
import { trainingExample } from '../../engine/processes/training-example.ts'
import { Session, type Feed } from '../../engine/runtime/session.ts'
import { diffusion } from '../../engine/processes/diffusion.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { loadClipTokenizer, type ClipTokenizer } from '../../engine/text/clip-tokenizer.ts'
import { modelFolder, schedule, side, text, unet, vae } from './architecture.ts'
import { channelWeights } from './channel-weights.ts'
import { loadData, type PictureRecord } from './data/prepare.ts'
import { drawVariants, captionIds, trainingVariants, variantPixels, type Shares, type Variant } from './data/variants.ts'
import { diffusionTraining, textTraining } from './graphs.ts'
import { averagedWeights } from './course-checkpoints.ts'
import { trainAll } from './train-all.ts'
import { byDevice, hidden, place, provider, threads } from './place.ts'
import { planes } from './train-vae.ts'
import { madeSinceTraining, scaledMark, trainedAutoencoder } from './trained-vae.ts'
import { channelStatistics, foldStatistics, sayStatistics, whiten } from './whiten.ts'

const work = 'work/pretrain'
const cells = unet.inChannels * unet.sampleSize ** 2

interface Encoded {
  readonly latents: Float32Array
  readonly pictures: readonly Variant[]
}

/** The encoder as a session that takes pixels (N, 3, side, side) to posterior means. */
async function encoder(weights: ReadonlyMap<string, Tensor>) {
  const graph = new Graph('encode')
  const p = new Parameters(graph, shapesOnly(vaeModules(vae)), { trainable: (key) => /^(encoder|quant_conv)/.test(key) })
  graph.output('mean', buildVaeEncoder(p, vae, graph.input('pixels', 'float32', ['N', 3, side, side])).mean)
  const session = await Session.create(graph, { threads, provider })
  const feeds = Object.fromEntries([...p.trained.keys()].map((key) => [key, weights.get(key) as Tensor]))
  return { session, feeds }
}

const [group, pixelsEach] = [64, 3 * side * side]

/** Posterior means (N, cells) of pixels (N, 3, side, side) in groups, which `pixelsOf(from, to)` gives. */
async function encodeGroups(weights: ReadonlyMap<string, Tensor>, count: number, pixelsOf: (from: number, to: number) => Float32Array) {
  const { session, feeds } = await encoder(weights)
  await using running = session
  const latents = new Float32Array(count * cells)
  for (let at = 0; at < count; at += group) {
    const to = Math.min(count, at + group)
    const { mean } = await running.run({ ...feeds, pixels: { shape: [to - at, 3, side, side], data: pixelsOf(at, to) } })
    latents.set((mean as Tensor).data, at * cells)
  }
  return latents
}

/** Posterior means (N, cells) of pixels (N, 3, side, side). */
export const encodePixels = (weights: ReadonlyMap<string, Tensor>, pixels: Float32Array): Promise<Float32Array> =>
  encodeGroups(weights, pixels.length / pixelsEach, (from, to) => pixels.subarray(from * pixelsEach, to * pixelsEach))

/** Posterior means of every training picture, plain and augmented; not yet scaled. */
function encode(weights: ReadonlyMap<string, Tensor>): Promise<Float32Array> {
  const cache = loadData(work)
  const pictures = trainingVariants(cache)
  return encodeGroups(weights, pictures.length, (from, to) => {
    const data = new Float32Array((to - from) * pixelsEach)
    pictures
      .slice(from, to)
      .forEach((picture, n) => planes(variantPixels(cache, picture), data.subarray(n * pixelsEach, (n + 1) * pixelsEach)))
    return data
  })
}

/**
 * The training latents, whitened and then scaled by the root of what each channel says, and the autoencoder whose latents are so: an error of
 * equal size in any channel then costs a picture the same, and what is seen most rises first out of the noise. Encoded once, then kept.
 */
export async function trainingLatents(): Promise<Encoded & { readonly autoencoder: ReadonlyMap<string, Tensor> }> {
  const kept = join(work, 'latents.safetensors')
  const weights = await trainedAutoencoder()
  const pictures = trainingVariants(loadData(work))
  const found = madeSinceTraining(kept) ? (await readTensor(await openSafetensors(kept), 'latents')).data : undefined
  // Those of fewer forms of each picture, from an earlier version of this program, are made anew.
  const fresh = found?.length === pictures.length * cells
  const latents = fresh ? found : await encode(weights)
  const shape = [pictures.length, vae.latentChannels, unet.sampleSize, unet.sampleSize]
  if (!fresh) await writeSafetensors(kept, [{ name: 'latents', dtype: 'F32', shape, data: fromFloat32(latents, 'float32') }])
  // The autoencoder of a finished model (restore.ts) has its scale already.
  if (existsSync(scaledMark)) return { latents, pictures, autoencoder: weights }
  const area = unet.sampleSize ** 2
  const statistics = channelStatistics(latents, vae.latentChannels, area)
  whiten(latents, statistics, area)
  const white = foldStatistics(weights, statistics)
  const say = sayStatistics(await channelWeights(white, latents))
  whiten(latents, say, area)
  return { latents, pictures, autoencoder: foldStatistics(white, say) }
}

export interface DiffusionData {
  readonly latents: Float32Array
  readonly pictures: readonly Variant[]
  readonly records: readonly PictureRecord[]
  readonly tokenizer: ClipTokenizer
  readonly clip: ClipTextConfig
  readonly shares: Shares
}

/** What step `n` of the UNet's training is fed with: a pure function of n. */
export function diffusionFeed({ latents, pictures, records, tokenizer, clip, shares }: DiffusionData, size: number) {
  const noise = diffusion(schedule)
  return (step: number): Record<string, Feed> => {
    const drawn = drawVariants(pictures.length, size, 11, step, shares)
    const x0 = new Float32Array(size * cells)
    drawn.forEach((index, n) => x0.set(latents.subarray(index * cells, (index + 1) * cells), n * cells))
    const described = drawn.map((index) => pictures[index] as Variant)
    const ids = captionIds(described, records, tokenizer, clip, step)
    // One timestep from each of `size` equal spans: the loss of a step then says less about the luck of the draw.
    const spread = randomStream(11, 'timestep', step).uniform(size)
    const timesteps = Float32Array.from(spread, (u, n) => Math.floor(((n + u) / size) * schedule.trainSteps))
    const shape = [size, unet.inChannels, unet.sampleSize, unet.sampleSize]
    const draws = { shape, data: randomStream(11, 'noise', step).normal(x0.length) }
    const { input, target } = trainingExample({ process: noise, latents: { shape, data: x0 }, noise: draws, timesteps })
    const weight = new Float32Array(size).fill(1)
    return { sample: input, target, timestep: { shape: [size], data: timesteps }, weight: { shape: [size], data: weight }, ids }
  }
}

/** Fresh weights of a UNet beside the text encoder of the stage before. */
export async function initialWeights(config: UNetConfig, clip: ClipTextConfig): Promise<Map<string, Tensor>> {
  const initial = new Map<string, Tensor>()
  const zero = (key: string) => /\.conv2\.|\.proj_out\.|^conv_out\./.test(key)
  for (const [key, value] of initialize(unetModules(config), 2, zero)) initial.set(`unet/${key}`, value)
  const words = await averagedWeights(join(work, 'text'), textTraining(clip).trained)
  for (const [key, value] of words) if (key.startsWith('text_encoder/')) initial.set(key, value)
  return initial
}

export interface CourseOptions {
  readonly shares: Shares
  readonly batch: number
  /** Another design than the embedded model's. */
  readonly design?: UNetConfig
  /** The training latents, where another thread has made them already. */
  readonly latents?: Float32Array
}

/** In memory that threads share. */
export function sharedCopy(values: Float32Array): Float32Array {
  const shared = new Float32Array(new SharedArrayBuffer(values.byteLength))
  shared.set(values)
  return shared
}

/** The training of UNet and text encoder, the same in every thread. */
export async function course({ shares, batch, design = unet, latents: made }: CourseOptions) {
  const cache = loadData(work)
  const { records } = cache
  const tokenizer = await loadClipTokenizer({
    vocab: join(modelFolder, 'tokenizer/vocab.json'),
    merges: join(modelFolder, 'tokenizer/merges.txt'),
  })
  const clip = text(tokenizer.vocabSize)
  const { latents, pictures } = made ? { latents: made, pictures: trainingVariants(cache) } : await trainingLatents()
  const feed = diffusionFeed({ latents, pictures, records, tokenizer, clip, shares }, batch)
  return { ...diffusionTraining(design, clip), feed, clip, latents, pictures }
}

if (isMainThread && process.argv[1] === import.meta.filename) {
  // A second course goes on from the step at which the first one ended, with a rate and a share of plain pictures of its own.
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      from: { type: 'string', default: '0' },
      lr: { type: 'string', default: '1e-3' },
      plain: { type: 'string', default: '0.55' },
      restyled: { type: 'string', default: '0' },
      batch: { type: 'string', default: '32' },
    },
  })
  const options: CourseOptions = { shares: { plain: Number(values.plain), restyled: Number(values.restyled) }, batch: Number(values.batch) }
  const { clip, latents, pictures, ...training } = await course(options)
  console.log(`${pictures.length} latents`)
  await trainAll(training, {
    folder: join(work, 'unet'),
    steps: Number(positionals[0] ?? 7500),
    from: Number(values.from),
    lr: Number(values.lr),
    warmup: 200,
    weightDecay: 0.01,
    decay: byDevice(0.998, 0.999),
    saveEvery: 250,
    ...place,
    lanes: 2,
    matrices: hidden,
    source: { module: import.meta.url, options: { ...options, latents: sharedCopy(latents) } satisfies CourseOptions },
    initial: () => initialWeights(unet, clip),
    report: console.log,
    feed: training.feed,
  })
}
