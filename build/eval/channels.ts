// What each latent channel has to say: how much the decoded picture changes when noise comes into it alone. node build/eval/channels.ts [model]
import { randomStream } from '../../engine/tensor/philox.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { decode } from '../../engine/sessions/decode.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import { seededRandom, shuffled } from '../pretrain/data/random.ts'
import { planes } from '../pretrain/train-vae.ts'
import { openModel } from './draw.ts'
import { basePictures } from './real-pictures.ts'

const count = 24
/** Of the noise, where the channels' own deviation is 1. */
const deviation = 0.3
const side = 64

/** Posterior means (1, C, H, W) of a picture (RGB, 64 × 64). */
export async function encode(model: Model, rgb: Uint8Array): Promise<Tensor> {
  const data = new Float32Array(3 * side * side)
  planes(rgb, data)
  const { mean } = await (await model.encoder()).run({ pixels: { shape: [1, 3, side, side], data } })
  return mean as Tensor
}

/** Channels, those that say most first, each with the mean squared change of pixels (0 … 1). */
export async function channelChanges(model: Model): Promise<[channel: number, change: number][]> {
  const changes = new Map<number, number>()
  for (const [seed, { rgb }] of shuffled(basePictures(), seededRandom(5)).slice(0, count).entries()) {
    const latents = await encode(model, rgb)
    const [, channels = 0, height = 0, width = 0] = latents.shape
    const clean = (await decode(model, latents)).pixels.data
    for (let c = 0; c < channels; c++) {
      const hurt = latents.data.slice()
      const noise = randomStream(seed, 'channel', c).normal(height * width)
      noise.forEach((value, i) => (hurt[c * noise.length + i] = (hurt[c * noise.length + i] ?? 0) + deviation * value))
      const { data: pixels } = (await decode(model, { shape: latents.shape, data: hurt })).pixels
      const change = pixels.reduce((sum, value, i) => sum + (value - (clean[i] ?? 0)) ** 2, 0) / pixels.length
      changes.set(c, (changes.get(c) ?? 0) + change / count)
    }
  }
  return [...changes].toSorted(([, a], [, b]) => b - a)
}

if (process.argv[1] === import.meta.filename) {
  await using model = await openModel(process.argv[2])
  const changes = await channelChanges(model)
  const total = changes.reduce((sum, [, change]) => sum + change, 0)
  console.log(`mean squared change of pixels (0 … 1) by noise of deviation ${deviation} in one channel, ${count} pictures`)
  for (const [c, change] of changes)
    console.log(`  channel ${String(c).padStart(2)}: ${change.toExponential(1)}, ${((100 * change) / total).toFixed(1)} %`)
}
