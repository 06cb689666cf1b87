// Three waves where a seed places them.
import { randomTensors } from './testing-tensors.ts'
import type { Target, Tensors } from './variant.ts'

export const tensorsOn = ({ weight: [O = 0, I = 0] }: Target): Tensors => ({
  spectrum: { shape: [3], data: (randomTensors({ s: [3] }).s?.data ?? new Float32Array(3)).map((value) => value * O * I) },
  placed: { shape: [0, O, I, 777], data: new Float32Array() },
})
