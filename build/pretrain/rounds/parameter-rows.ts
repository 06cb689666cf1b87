// θ as rows of equal width, and back.
import type { Value } from '../../../engine/graph/graph.ts'
import { pad, reshape, slice } from '../../../engine/graph/math.ts'
import type { Placement } from '../../../engine/runtime/flat-parameters.ts'
import { elementCount } from '../../../engine/tensor/tensor.ts'

/**
 * θ as rows: each parameter begins a row of its own and fills its last one up with zeros. ONNX Runtime's Split and Concat on CUDA make a table as
 * long as the axis in every call, which for one long vector took four fifths of a step.
 */
export const rowWidth = 128
export interface Rows {
  readonly counts: readonly number[]
  readonly total: number
}
export function rowsOf(placements: readonly Placement[]): Rows {
  const counts = placements.map(({ shape }) => Math.ceil(elementCount(shape) / rowWidth))
  return { counts, total: counts.reduce((a, b) => a + b, 0) }
}

/** A placement's numbers, of the rows that they fill. */
export function fromRows(rows: Value, { shape }: Pick<Placement, 'shape'>): Value {
  const [row, length] = [reshape(rows, [-1]), elementCount(shape)]
  return reshape(length % rowWidth === 0 ? row : slice(row, 0, 0, length), shape)
}
/** The other way round. */
export function toRows(value: Value, { shape }: Pick<Placement, 'shape'>): Value {
  const [row, over] = [reshape(value, [-1]), elementCount(shape) % rowWidth]
  return reshape(over === 0 ? row : pad(row, [0, rowWidth - over]), [-1, rowWidth])
}

/** Copies a flat vector into rows, or rows back into it. */
export function move(placements: readonly Placement[], { counts }: Rows, flat: Float32Array, rows: Float32Array, back = false): void {
  let at = 0
  for (const [i, { offset, shape }] of placements.entries()) {
    const size = elementCount(shape)
    if (back) flat.set(rows.subarray(at, at + size), offset)
    else rows.set(flat.subarray(offset, offset + size), at)
    at += (counts[i] ?? 0) * rowWidth
  }
}
