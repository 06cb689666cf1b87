// Optional last stage: the decoder on latents that the UNet drew beside those that the encoder gave, so that soft drawings become clean ones.
// node build/pretrain/train-finish.ts [steps]
import type { Tensor } from '../../engine/tensor/tensor.ts'
import { randomStream } from '../../engine/tensor/philox.ts'
import { side, unet, vae } from './architecture.ts'
import { loadData } from './data/prepare.ts'
import { forms, variantPixels } from './data/variants.ts'
import { drawnLatents } from './drawn-latents.ts'
import { finishTraining } from './graphs.ts'
import { trainAll } from './loop.ts'
import { whitenedLatents } from './train-unet.ts'
import { planes } from './train-vae.ts'
import { finishFolder } from './trained-vae.ts'

const batch = 8
const size = unet.inChannels * unet.sampleSize ** 2
const drawn = await drawnLatents(console.log)
const { latents, pictures, autoencoder } = await whitenedLatents()
const cache = loadData('work/pretrain')
const graph = finishTraining(vae, side)
const trained = new Set(graph.trained.map(({ name }) => name))

await trainAll(graph, {
  folder: finishFolder,
  steps: Number(process.argv[2] ?? 3000),
  lr: 5e-4,
  warmup: 50,
  weightDecay: 0,
  decay: 0.998,
  threads: Number(process.env.PIGMENT_THREADS ?? 2),
  initial: new Map([...autoencoder].filter(([key]): boolean => trained.has(key)) as [string, Tensor][]),
  report: console.log,
  feed(step) {
    const chosen = randomStream(29, 'finish', step).integers(batch, 0, pictures.length)
    const x = new Float32Array(batch * size)
    const pixels = new Float32Array(batch * 3 * side * side)
    for (let n = 0; n < batch; n++) {
      // Half of the pictures as drawn, which are plain; the others as encoded, in any form.
      const index = chosen[n] ?? 0
      const plain = index - (index % forms)
      const [from, at, shown] = n % 2 === 0 ? [drawn, plain / forms, plain] : [latents, index, index]
      x.set(from.subarray(at * size, (at + 1) * size), n * size)
      const variant = pictures[shown]
      if (variant) planes(variantPixels(cache, variant), pixels.subarray(n * 3 * side * side, (n + 1) * 3 * side * side))
    }
    const cells = unet.sampleSize
    return {
      latents: { shape: [batch, unet.inChannels, cells, cells], data: x },
      pixels: { shape: [batch, 3, side, side], data: pixels },
    }
  },
})
