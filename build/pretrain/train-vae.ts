// Stage 1: the autoencoder, on crops first and on whole pictures last. node build/pretrain/train-vae.ts [steps]
import { isMainThread } from 'node:worker_threads'
import { initialize } from '../../engine/models/initialize.ts'
import { vaeModules } from '../../engine/models/keys/vae-modules.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { cellPixels, side, vae } from './architecture.ts'
import { augmentPicture, drawAugmentation } from './data/augment.ts'
import { loadData, pictureAt } from './data/prepare.ts'
import { seededRandom, type Random } from './data/random.ts'
import { recolour } from './data/recolour.ts'
import { vaeTraining } from './graphs.ts'
import { trainAll } from './train-all.ts'
import type { Course } from './course.ts'
import { byDevice, hidden, place } from './place.ts'
import { vaeFolder } from './trained-vae.ts'

export interface CourseOptions {
  readonly side: number
  readonly batch: number
}

/** On the CPU, crops: the same work, four times the pictures; the middle's attention then learns whole pictures. A card has time for whole ones. */
const stages: readonly (CourseOptions & { readonly until: number })[] = byDevice(
  [
    { side: 32, batch: 32, until: 0.8 },
    { side: 64, batch: 16, until: 1 },
  ],
  [{ side: 64, batch: 128, until: 1 }],
)

/** RGB8 rows → (3, H, W) in [−1, 1]; a square of `size` from (left, top) of a picture `from` wide. */
export function planes(rgb: Uint8Array, out: Float32Array, size = side, left = 0, top = 0, from = side): void {
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (let c = 0; c < 3; c++) out[(c * size + y) * size + x] = (rgb[((y + top) * from + x + left) * 3 + c] ?? 255) / 127.5 - 1
}

/** Pixels (pictures, 3, size, size) of random pictures, recoloured and augmented. */
export function batchOf(pictures: number, size: number, random: Random): Float32Array {
  const data = new Float32Array(pictures * 3 * size * size)
  for (let n = 0; n < pictures; n++) {
    const picture = pictureAt(cache, train[Math.floor(random() * train.length)] ?? 0)
    const rgb = recolour(augmentPicture(picture, drawAugmentation(random, true)), random)
    const corner = () => Math.floor(random() * (side - size + 1))
    planes(rgb, data.subarray(n * 3 * size * size, (n + 1) * 3 * size * size), size, corner(), corner())
  }
  return data
}

const cache = loadData('work/pretrain')
const train = cache.records.flatMap((record, i) => (record.split === 'train' ? [i] : []))

/** The autoencoder's training, the same in every thread. */
export function course({ side, batch }: CourseOptions): Promise<Course> {
  const cells = side / cellPixels
  const latent = [batch, vae.latentChannels, cells, cells]
  return Promise.resolve({
    ...vaeTraining(vae, side, 2e-4),
    feed: (step) => ({
      pixels: { shape: [batch, 3, side, side], data: batchOf(batch, side, seededRandom(step * 7919 + 1)) },
      noise: { shape: latent, data: randomStream(1, 'posterior', step).normal(latent.reduce((a, b) => a * b)) },
    }),
  })
}

if (isMainThread && process.argv[1] === import.meta.filename) {
  const steps = Number(process.argv[2] ?? 5000)
  for (const { until, ...options } of stages) {
    const training = await course(options)
    await trainAll(training, {
      folder: vaeFolder,
      steps: Math.round(steps * until),
      course: steps,
      lr: byDevice(1.5e-3, 2e-3),
      warmup: byDevice(100, 200),
      weightDecay: 0.01,
      decay: byDevice(0.995, 0.998),
      ...place,
      lanes: 2,
      matrices: hidden,
      source: { module: import.meta.url, options },
      initial: () => initialize(vaeModules(vae), 1, (key) => key.includes('.conv2.') || key.includes('.to_out.')),
      report: console.log,
      feed: training.feed,
    })
  }
}
