// A UNet of any size with random weights in a file, to measure what a published one of that shape would cost.
import { join } from 'node:path'
import { loraModule } from '../../engine/adapters/variants/lora.ts'
import type { AdaptedModule } from '../../engine/adapters/stack-feeds.ts'
import type { StackEntry } from '../../engine/adapters/stack.ts'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { writeSafetensors, type LazyTensorToWrite } from '../../engine/files/safetensors-write.ts'
import type { UNetConfig } from '../../engine/checkpoint/config.ts'
import { tensorShapes } from '../../engine/models/keys/modules.ts'
import { unetModules } from '../../engine/models/keys/unet-modules.ts'
import type { Denoising } from '../../engine/training/training-graph.ts'
import type { Feed } from '../../engine/runtime/session.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { elementCount, type Tensor } from '../../engine/tensor/tensor.ts'

/** About the shape of a small embedded model, but its own: figures stay comparable when that model changes. */
export const smallUnet: UNetConfig = {
  inChannels: 4,
  outChannels: 4,
  blockOutChannels: [64, 128, 192],
  layersPerBlock: 1,
  transformerLayers: [1, 1, 1],
  midTransformerLayers: 1,
  heads: [2, 4, 6],
  crossAttentionDim: 128,
  normGroups: 16,
  normEps: 1e-5,
  linearProjection: false,
  sampleSize: 16,
}

const fileIn = (folder: string): string => join(folder, 'unet.safetensors')

/** Writes fp16 weights: norms one and zero, the others small and random. One block of noise is used over and over. */
export async function writeRandomUnet(config: UNetConfig, folder: string): Promise<void> {
  const noise = new Uint8Array(Float16Array.from(randomStream(1, 'weights', 0).uniform(1 << 20), (u) => (2 * u - 1) * 0.02).buffer)
  const tensors = [...tensorShapes(unetModules(config))].map(([name, shape]): LazyTensorToWrite => {
    const bytes = 2 * elementCount(shape)
    const data = () =>
      Promise.resolve(
        shape.length === 1
          ? new Uint8Array(new Float16Array(bytes / 2).fill(name.endsWith('.weight') ? 1 : 0).buffer)
          : repeated(noise, bytes),
      )
    return { name, dtype: 'F16', shape, data }
  })
  await writeSafetensors(fileIn(folder), tensors)
}

function repeated(block: Uint8Array, bytes: number): Uint8Array {
  const out = new Uint8Array(bytes)
  for (let at = 0; at < bytes; at += block.length) out.set(block.subarray(0, bytes - at), at)
  return out
}

export async function openRandomUnet(config: UNetConfig, folder: string): Promise<Denoising> {
  const path = fileIn(folder)
  const { entries } = await openSafetensors(path)
  const weights = new Map(
    [...entries].map(([key, entry]) => [
      key,
      { file: path, dtype: 'float16' as const, shape: entry.shape, offset: entry.offset, length: entry.length },
    ]),
  )
  return { family: 'sd1', unet: { config, weights }, textEncoders: [] }
}

/** Inputs of one run: latents of `side` pixels at a factor of `factor`, `tokens` of text. */
export function unetFeeds(
  config: UNetConfig,
  { batch, cells, tokens }: { readonly batch: number; readonly cells: number; readonly tokens: number },
): Record<string, Feed> {
  const noise = (name: string, shape: number[]): Tensor => ({ shape, data: randomStream(2, name, 0).normal(elementCount(shape)) })
  const each = (value: number): Tensor => ({ shape: [batch], data: new Float32Array(batch).fill(value) })
  return {
    sample: noise('sample', [batch, config.inChannels, cells, cells]),
    timestep: each(500),
    context: noise('context', [batch, tokens, config.crossAttentionDim]),
  }
}

/** What a training step takes on top: the target and the weight of each sample. */
export function trainingFeeds(config: UNetConfig, size: Parameters<typeof unetFeeds>[1]): Record<string, Feed> {
  const feeds = unetFeeds(config, size)
  return { ...feeds, target: feeds.sample as Tensor, weight: { shape: [size.batch], data: new Float32Array(size.batch).fill(1) } }
}

/** Adapters of rank `rank` on every attention projection. */
export function randomStack(count: number, rank: number, adapted: readonly Omit<AdaptedModule, 'gains'>[]): StackEntry[] {
  return Array.from({ length: count }, (_, k) => {
    const part = (shape: number[], path: string): Tensor => ({
      shape,
      data: randomStream(k, path, 0)
        .normal(elementCount(shape))
        .map((x) => x * 0.01),
    })
    const modules = adapted
      .filter(({ path }) => /\.attn[12]\.to_(q|k|v|out\.0)$/.test(path))
      .map(({ path, weight: [outputs = 0, inputs = 0] }) =>
        loraModule(
          { component: 'unet', path },
          { down: part([rank, inputs], `${path}.A`), up: part([outputs, rank], `${path}.B`), alpha: rank },
        ),
      )
    return { adapter: { name: `adapter ${k}`, modules, metadata: {}, skipped: [] }, weight: 1, enabled: true }
  })
}
