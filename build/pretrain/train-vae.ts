// Stage 1: the autoencoder. node build/pretrain/train-vae.ts [steps]
import { initialize } from '../../engine/models/initialize.ts'
import { vaeModules } from '../../engine/models/keys/vae-modules.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { side, vae } from './architecture.ts'
import { augmentPicture, drawAugmentation } from './data/augment.ts'
import { loadData, pictureAt } from './data/prepare.ts'
import { seededRandom } from './data/random.ts'
import { vaeTraining } from './graphs.ts'
import { trainAll } from './loop.ts'

const batch = 16
const cache = loadData('work/pretrain')
const train = cache.records.flatMap((record, i) => (record.split === 'train' ? [i] : []))
const pixels = side * side
const cells = (side / 4) ** 2

/** RGB8 rows → (3, H, W) in [−1, 1]. */
export function planes(rgb: Uint8Array, out: Float32Array): void {
  for (let i = 0; i < pixels; i++) for (let c = 0; c < 3; c++) out[c * pixels + i] = (rgb[i * 3 + c] ?? 255) / 127.5 - 1
}

if (process.argv[1] === import.meta.filename) {
  await trainAll(vaeTraining(vae, side, 2e-5), {
    folder: 'work/pretrain/vae',
    steps: Number(process.argv[2] ?? 6000),
    lr: 2e-3,
    warmup: 100,
    weightDecay: 0.01,
    decay: 0.995,
    threads: Number(process.env.PIGMENT_THREADS ?? 2),
    initial: initialize(vaeModules(vae), 1, (key) => key.includes('.conv2.') || key.includes('.to_out.')),
    report: console.log,
    feed(step) {
      const random = seededRandom(step * 7919 + 1)
      const data = new Float32Array(batch * 3 * pixels)
      for (let n = 0; n < batch; n++) {
        const picture = pictureAt(cache, train[Math.floor(random() * train.length)] ?? 0)
        planes(augmentPicture(picture, drawAugmentation(random, true)), data.subarray(n * 3 * pixels, (n + 1) * 3 * pixels))
      }
      return {
        pixels: { shape: [batch, 3, side, side], data },
        noise: { shape: [batch, 4, side / 4, side / 4], data: randomStream(1, 'posterior', step).normal(batch * 4 * cells) },
      }
    },
  })
}
