// A module with a middle tensor and random values; on a linear layer, which has a window of one.
import { randomTensors } from './testing-tensors.ts'
import type { Target, Tensors } from './variant.ts'

export function tensorsOn({ weight: [O = 0, I = 0, ...kernel] }: Target): Tensors {
  const ones = kernel.map(() => 1)
  return randomTensors({ down: [2, I, ...ones], mid: [2, 2, ...kernel], up: [O, 2, ...ones] })
}
