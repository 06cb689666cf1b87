// A bias in place of the model's, of random values.
import { randomTensors } from './testing-tensors.ts'
import type { Target, Tensors } from './variant.ts'

export const tensorsOn = ({ weight: [O = 0, ...rest] }: Target): Tensors =>
  randomTensors({ [rest.length > 0 ? 'newBias' : 'newNormBias']: [O] })
