// Optional stage: the decoder alone, on whole pictures, while the latents stay what they are. node build/pretrain/train-decoder.ts [steps]
import { isMainThread } from 'node:worker_threads'
import { side, vae } from './architecture.ts'
import { seededRandom } from './data/random.ts'
import { decoderTraining } from './graphs.ts'
import type { Course } from './course.ts'
import { trainAll } from './train-all.ts'
import { byDevice, hidden, place } from './place.ts'
import { batchOf } from './train-vae.ts'
import { decoderFolder, fullAutoencoder } from './trained-vae.ts'

const batch = byDevice(8, 128)

/** The decoder's training, but for the encoder's weights; the same in every thread. */
export function course(): Promise<Course> {
  return Promise.resolve({
    ...decoderTraining(vae, side),
    feed: (step) => ({ pixels: { shape: [batch, 3, side, side], data: batchOf(batch, side, seededRandom(step * 6007 + 5)) } }),
  })
}

if (isMainThread && process.argv[1] === import.meta.filename) {
  const weights = await fullAutoencoder()
  const training = await course()
  const trained = new Set(training.trained.map(({ name }) => name))
  await trainAll(training, {
    folder: decoderFolder,
    steps: Number(process.argv[2] ?? 3000),
    lr: byDevice(5e-4, 1e-3),
    warmup: byDevice(50, 200),
    weightDecay: 0,
    decay: 0.998,
    ...place,
    matrices: hidden,
    source: { module: import.meta.url, options: {} },
    fixed: Object.fromEntries([...weights].filter(([key]) => !trained.has(key))),
    initial: () => new Map([...weights].filter(([key]) => trained.has(key))),
    report: console.log,
    feed: training.feed,
  })
}
