// After the UNet: the decoder once more, from latents with some noise in them, since a UNet never leaves them quite clean. The latents themselves stay.
// node build/pretrain/finish-decoder.ts [steps] [--from STEP]
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import { openSafetensors, readTensor } from '../../engine/files/safetensors.ts'
import { writeSafetensors } from '../../engine/files/safetensors-write.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { fromFloat32 } from '../../engine/tensor/dtype.ts'
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { side, unet, vae } from './architecture.ts'
import { loadData, pictureAt } from './data/prepare.ts'
import { seededRandom } from './data/random.ts'
import { drawRestyle, restyledForms, restylePicture } from './data/restyle.ts'
import { finishTraining, isDecoder } from './graphs.ts'
import type { Course } from './course.ts'
import { trainAll } from './train-all.ts'
import { byDevice, place } from './place.ts'
import { encodePixels, trainingLatents } from './train-unet.ts'
import { batchOf, planes } from './train-vae.ts'
import { finishFolder, madeSinceTraining } from './trained-vae.ts'

const batch = byDevice(16, 128)
/** Pictures of the course. */
const count = 12288
/** Their shares: as they are, since the base draws these; in other manners, for lines and colours of styles to come; the rest recoloured and augmented. */
const shares = { plain: 0.45, restyled: 0.35 }
/** Deviation of the noise, drawn evenly from nothing to this; the UNet's own error is about 0.2. */
const mostNoise = 0.35
/** Half of the latents are larger than an encoder leaves them, evenly up to this: strong guidance does so, and white shall stay white. */
const mostScale = 1.35
const set = join('work/pretrain', 'finish-set.safetensors')
const [pixelsEach, latentsEach] = [3 * side * side, unet.inChannels * unet.sampleSize ** 2]

/** Pixels (3, side, side) of each picture of the course, next to each other: pure functions of their number. */
function coursePixels(): Float32Array {
  const cache = loadData('work/pretrain')
  const train = cache.records.flatMap(({ split }, record) => (split === 'train' ? [record] : []))
  const pixels = new Float32Array(count * pixelsEach)
  for (let n = 0; n < count; n++) {
    const into = pixels.subarray(n * pixelsEach, (n + 1) * pixelsEach)
    const random = seededRandom(n * 5003 + 17)
    const [kind, form] = [random(), Math.floor(random() * restyledForms)]
    const picture = pictureAt(cache, train[n % train.length] ?? 0)
    if (kind < shares.plain) planes(picture.rgb, into)
    else if (kind < shares.plain + shares.restyled) planes(restylePicture(picture, drawRestyle(random, form)), into)
    else into.set(batchOf(1, side, random))
  }
  return pixels
}

/** Encodes the course's pictures once. */
async function prepare(autoencoder: ReadonlyMap<string, Tensor>): Promise<void> {
  if (madeSinceTraining(set)) return
  const pixels = coursePixels()
  const latents = await encodePixels(autoencoder, pixels)
  await writeSafetensors(set, [
    { name: 'pixels', dtype: 'F16', shape: [count, 3, side, side], data: fromFloat32(pixels, 'float16') },
    { name: 'latents', dtype: 'F32', shape: [count, latentsEach], data: fromFloat32(latents, 'float32') },
  ])
}

/** The decoder's training, the same in every thread. */
export async function course(): Promise<Course> {
  const file = await openSafetensors(set)
  const [pixels, latents] = [(await readTensor(file, 'pixels')).data, (await readTensor(file, 'latents')).data]
  return {
    ...finishTraining(vae, side),
    feed(step) {
      const drawn = randomStream(21, 'picture', step).integers(batch, 0, count)
      const strength = randomStream(21, 'strength', step).uniform(batch)
      const larger = randomStream(21, 'scale', step).uniform(batch)
      const noise = randomStream(21, 'noise', step).normal(batch * latentsEach)
      const [x, z] = [new Float32Array(batch * pixelsEach), new Float32Array(batch * latentsEach)]
      drawn.forEach((picture, n) => {
        x.set(pixels.subarray(picture * pixelsEach, (picture + 1) * pixelsEach), n * pixelsEach)
        const [scale, deviation] = [1 + (mostScale - 1) * Math.max(0, 2 * (larger[n] ?? 0) - 1), mostNoise * (strength[n] ?? 0)]
        for (let i = n * latentsEach, from = picture * latentsEach; i < (n + 1) * latentsEach; i++, from++)
          z[i] = scale * (latents[from] ?? 0) + deviation * (noise[i] ?? 0)
      })
      return {
        pixels: { shape: [batch, 3, side, side], data: x },
        latents: { shape: [batch, unet.inChannels, unet.sampleSize, unet.sampleSize], data: z },
      }
    },
  }
}

if (isMainThread && process.argv[1] === import.meta.filename) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { from: { type: 'string', default: '0' } } })
  const { autoencoder } = await trainingLatents()
  await prepare(autoencoder)
  const training = await course()
  await trainAll(training, {
    folder: finishFolder,
    steps: Number(positionals[0] ?? 1500),
    from: Number(values.from),
    lr: 5e-4,
    warmup: 50,
    weightDecay: 0,
    decay: 0.99,
    saveEvery: 100,
    ...place,
    lanes: 2,
    source: { module: import.meta.url, options: {} },
    initial: () => new Map([...autoencoder].filter(([key]) => isDecoder(key))),
    report: console.log,
    feed: training.feed,
  })
}
