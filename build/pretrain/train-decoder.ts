// Optional stage: the decoder alone, on whole pictures, while the latents stay what they are. node build/pretrain/train-decoder.ts [steps]
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { side, vae } from './architecture.ts'
import { seededRandom } from './data/random.ts'
import { decoderTraining } from './graphs.ts'
import { trainAll } from './loop.ts'
import { batchOf } from './train-vae.ts'
import { decoderFolder, fullAutoencoder } from './trained-vae.ts'

const batch = 8
const weights = await fullAutoencoder()
const graph = decoderTraining(vae, side)
const trained = new Set(graph.trained.map(({ name }) => name))
const frozen = Object.fromEntries([...weights].filter(([key]) => !trained.has(key)))

await trainAll(graph, {
  folder: decoderFolder,
  steps: Number(process.argv[2] ?? 3000),
  lr: 5e-4,
  warmup: 50,
  weightDecay: 0,
  decay: 0.998,
  threads: Number(process.env.PIGMENT_THREADS ?? 2),
  initial: () => new Map([...weights].filter(([key]): boolean => trained.has(key)) as [string, Tensor][]),
  report: console.log,
  feed: (step) => ({
    ...frozen,
    pixels: { shape: [batch, 3, side, side], data: batchOf(batch, side, seededRandom(step * 6007 + 5)) },
  }),
})
