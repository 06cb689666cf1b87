// A pair with a bias, of random values.
import { randomTensors } from './testing-tensors.ts'
import type { Target, Tensors } from './variant.ts'

export const tensorsOn = ({ weight: [O = 0, I = 0] }: Target): Tensors => randomTensors({ down: [2, I], up: [O, 2], pairBias: [O] })
