// A difference of random values.
import { randomTensors } from './testing-tensors.ts'
import type { Target, Tensors } from './variant.ts'

export const tensorsOn = ({ weight }: Target): Tensors =>
  randomTensors({ [weight.length === 1 ? 'normBiasDelta' : 'biasDelta']: weight.slice(0, 1) })
