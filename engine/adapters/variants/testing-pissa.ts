// A pair that began as PiSSA does, of random values.
import { randomTensors } from './testing-tensors.ts'
import type { Target, Tensors } from './variant.ts'

export const tensorsOn = ({ weight: [O = 0, I = 0] }: Target): Tensors => randomTensors({ startedDown: [2, I], startedUp: [O, 2] })
