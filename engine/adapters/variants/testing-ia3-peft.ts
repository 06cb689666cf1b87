// An (IA)³ module of PEFT for tests.
import { randomStream } from '../../tensor/philox.ts'
import type { Target, Tensors } from './variant.ts'

export const tensorsOn = ({ path, weight: [outputs = 0, , ...kernel] }: Target): Tensors => ({
  factors: {
    shape: [outputs, 1, ...kernel.map(() => 1)],
    data: randomStream(3, path, 0)
      .normal(outputs)
      .map((value) => 1 + value / 10),
  },
})
