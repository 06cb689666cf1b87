// A ~ N(0, 1/R²), B of zeros. Reference: peft init_lora_weights="gaussian", as diffusers' scripts begin.
import { z } from 'zod'
import { gaussianDraw } from './draws.ts'
import { sidesOf, type PairStart } from './start.ts'

export const gaussian: PairStart = {
  name: 'gaussian',
  title: 'Gaussian',
  sentence:
    'A begins with normal numbers that are smaller the higher the rank, as in the scripts of diffusers: choose it to train as they do.',
  options: z.object({}),
  pair(at) {
    const [outputs, inputs] = sidesOf(at.weight)
    return Promise.resolve({ down: gaussianDraw(at, 1, at.rank * inputs, 1 / at.rank), up: new Float32Array(outputs * at.rank) })
  },
}
