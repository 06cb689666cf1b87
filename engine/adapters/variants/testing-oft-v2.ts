// Blocks of random values, on a linear layer.
import { randomTensors } from './testing-tensors.ts'
import type { Target, Tensors } from './variant.ts'

export const tensorsOn = ({ weight: [, I = 0] }: Target): Tensors => randomTensors({ upper: [I / 4, 6] })
