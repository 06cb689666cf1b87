import { sd1 } from '../../engine/models/families/sd1/family.ts'
import type { Bench } from './bench.ts'
import { writeRandomUnet } from './random-unet.ts'
import { forward, loraStep } from './steps.ts'

const unet = sd1.published.unet
const size = { batch: 1, cells: 64, tokens: 77 }
/** Steps after the first. A slow machine shows enough with none. */
const more = Number(process.env.PIGMENT_BENCH_MORE ?? 1)

export const sd15: Bench = {
  title: 'UNet of Stable Diffusion 1.5 with random fp16 weights at 512², batch 1',
  prepare: (folder) => writeRandomUnet(unet, folder),
  cases: {
    forward: (folder) => forward(unet, folder, size, { more }),
    'LoRA step, rank 16, blocks computed again': (folder) => loraStep(unet, folder, size, { rank: 16, recompute: true, more }),
  },
}
