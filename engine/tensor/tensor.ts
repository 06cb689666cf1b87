// Dense fp32 tensors in plain memory: what crosses between files, sessions, samplers and adapters.
import { PigmentError } from '../requests/error.ts'

/** Row-major fp32 tensor. `data.length` is the product of `shape`. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** Product of the dimensions; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1)
}

/** A tensor over `data` (not copied). Throws `tensor-shape` when the length does not fit. */
export function tensor(shape: readonly number[], data: Float32Array | readonly number[]): Tensor {
  const values = data instanceof Float32Array ? data : Float32Array.from(data)
  if (values.length !== elementCount(shape))
    throw new PigmentError(
      'tensor-shape',
      `A tensor of shape [${shape.join(', ')}] needs ${elementCount(shape)} values, got ${values.length}.`,
      {
        shape,
        got: values.length,
      },
    )
  return { shape, data: values }
}

/** Whether no value is infinite or NaN. A plain loop: on millions of values `every` takes ten times as long. */
export function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false
  return true
}

/** ‖a − b‖ / ‖b‖ in fp64; the measure of every parity bar. */
export function relativeL2(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new PigmentError('tensor-shape', `Cannot compare ${a.length} values with ${b.length}.`, {})
  let difference = 0
  let norm = 0
  for (let i = 0; i < a.length; i++) {
    difference += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2
    norm += (b[i] ?? 0) ** 2
  }
  return Math.sqrt(difference / Math.max(norm, Number.MIN_VALUE))
}
