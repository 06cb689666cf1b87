// A weight of random values, near 0.
import { randomTensors } from './testing-tensors.ts'
import type { Target, Tensors } from './variant.ts'

export const tensorsOn = ({ weight }: Target): Tensors => randomTensors({ replacement: weight })
