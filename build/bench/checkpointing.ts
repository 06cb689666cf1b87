import type { Bench } from './bench.ts'
import { smallUnet as unet, writeRandomUnet } from './random-unet.ts'
import { loraStep } from './steps.ts'

// Larger than the embedded model's own pictures, so that activations and not the program itself make the peak.
const size = { batch: 1, cells: 64, tokens: 32 }
// Freed memory goes back to the system: the peak is then what the step needs.
const session = { arena: false, ...(process.env.PIGMENT_THREADS ? { threads: Number(process.env.PIGMENT_THREADS) } : {}) }

const more = Number(process.env.PIGMENT_BENCH_MORE ?? 2)

export const checkpointing: Bench = {
  title: 'Gradient checkpointing: a LoRA step of a small UNet, rank 16, batch 1 of 64×64 cells',
  prepare: (folder) => writeRandomUnet(unet, folder),
  cases: {
    'all activations kept': (folder) => loraStep(unet, folder, size, { rank: 16, recompute: false, more, session }),
    'blocks computed again': (folder) => loraStep(unet, folder, size, { rank: 16, recompute: true, more, session }),
  },
}
