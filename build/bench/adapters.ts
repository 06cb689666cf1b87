import type { Bench } from './bench.ts'
import { smallUnet as unet, writeRandomUnet } from './random-unet.ts'
import { forward } from './steps.ts'

const size = { batch: 2, cells: 16, tokens: 32 }
const more = 40

export const adapters: Bench = {
  title: 'Adapters as inputs against adapters in the weights: one guided step of a small UNet, rank 16 on every attention projection',
  prepare: (folder) => writeRandomUnet(unet, folder),
  cases: {
    'no input for adapters': (folder) => forward(unet, folder, size, { folded: true, more }),
    'empty stack': (folder) => forward(unet, folder, size, { more }),
    'one adapter': (folder) => forward(unet, folder, size, { adapters: 1, more }),
    'one adapter, guided apart': (folder) => forward(unet, folder, size, { adapters: 1, apart: true, more }),
    'three adapters': (folder) => forward(unet, folder, size, { adapters: 3, more }),
    'three adapters, folded': (folder) => forward(unet, folder, size, { adapters: 3, folded: true, more }),
  },
}
