// Blocks of random values.
import { randomTensors } from './testing-tensors.ts'
import type { Target, Tensors } from './variant.ts'

export const tensorsOn = ({ weight: [O = 0] }: Target): Tensors => randomTensors({ blocks: [O / 4, 4, 4] })
