import type { Value } from './graph.ts'
import { concat, reduceSum, reshape, slice, where } from './math.ts'

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

/** The same of several values of one type: known once all of them are. */
export function lateZeroOf(values: readonly [Value, ...Value[]]): Value {
  const [{ graph, dtype }] = values
  const one = concat(
    values.map((value) => slice(value.rank === 1 ? value : reshape(value, [-1]), 0, 0, 1)),
    0,
  )
  return reshape(reduceSum(where(graph.constant('bool', [1], [0]), one, graph.constant(dtype, [1], [0])), [0]), [])
}
