// A module of VeRA with random values, of matrices that are larger than the layer.
import { randomTensors } from './testing-tensors.ts'
import type { Target, Tensors } from './variant.ts'

export const tensorsOn = ({ weight: [O = 0, I = 0] }: Target): Tensors => ({
  ...randomTensors({ lambdaB: [O], lambdaD: [2], a: [2, I + 1], b: [O + 1, 2] }),
  inputs: { shape: [0, I], data: new Float32Array() },
})
