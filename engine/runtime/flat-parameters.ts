// Trainables as one flat vector θ with a layout table: one buffer to update, clip, average and checkpoint.
import type { Value } from '../graph/graph.ts'
import { PigmentError } from '../requests/error.ts'
import { elementCount, type Tensor } from '../tensor/tensor.ts'

export interface Placement {
  readonly name: string
  readonly shape: readonly number[]
  readonly offset: number
}

/** Where each trainable lies in θ, in the given order. */
export function layoutOf(values: readonly Pick<Value, 'name' | 'shape'>[]): {
  readonly placements: readonly Placement[]
  readonly size: number
} {
  let offset = 0
  const placements = values.map(({ name, shape }) => {
    const placement = { name, shape: shape as readonly number[], offset }
    offset += elementCount(placement.shape)
    return placement
  })
  return { placements, size: offset }
}

/** Tensors over slices of `flat`, by name; nothing is copied. */
export function views(placements: readonly Placement[], flat: Float32Array, prefix = ''): Record<string, Tensor> {
  return Object.fromEntries(
    placements.map(({ name, shape, offset }) => [prefix + name, { shape, data: flat.subarray(offset, offset + elementCount(shape)) }]),
  )
}

/** Copies named tensors into their places. Throws `weight-missing` when one is absent or has another size. */
export function fill(placements: readonly Placement[], flat: Float32Array, tensors: ReadonlyMap<string, Tensor>): void {
  for (const { name, shape, offset } of placements) {
    const tensor = tensors.get(name)
    if (!tensor || tensor.data.length !== elementCount(shape))
      throw new PigmentError(
        'weight-missing',
        `"${name}" [${shape.join(', ')}] is ${tensor ? `of another shape [${tensor.shape.join(', ')}]` : 'missing'}.`,
        { name },
      )
    flat.set(tensor.data, offset)
  }
}
