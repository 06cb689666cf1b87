// Tensors of random values, small enough that a weight stays what it is.
import { randomStream } from '../../tensor/philox.ts'
import { elementCount, type Tensor } from '../../tensor/tensor.ts'

export function randomTensors(shapes: Readonly<Record<string, readonly number[]>>): Readonly<Record<string, Tensor>> {
  const filled = Object.entries(shapes).map(([role, shape]) => {
    const data = randomStream(1, role, 0).normal(elementCount(shape))
    return [role, { shape, data: data.map((value) => value * 0.1) }] as const
  })
  return Object.fromEntries(filled)
}
