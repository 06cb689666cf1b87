import type { Value } from './graph.ts'
import { reshape, slice, where } from './math.ts'

/**
 * A scalar zero that can only be known once `value` is: one of its numbers, never chosen, so that it stays exactly zero where the value holds Inf or
 * NaN. What it is added to is neither merged with an equal computation by the runtime nor run before its time. (The sum of an empty slice is refused by
 * the CUDA provider.)
 */
export function lateZero(value: Value): Value {
  const one = slice(value.rank === 1 ? value : reshape(value, [-1]), 0, 0, 1)
  const never = value.graph.constant('bool', [1], [0])
  const zero = value.graph.constant(value.dtype, [1], [0])
  return reshape(where(never, one, zero), [])
}
