// A module of GLoRA with random values.
import { randomTensors } from './testing-tensors.ts'
import type { Target, Tensors } from './variant.ts'

export const tensorsOn = ({ weight: [O = 0, I = 0] }: Target): Tensors => randomTensors({ a1: [I, 2], a2: [2, I], b1: [O, 2], b2: [2, I] })
