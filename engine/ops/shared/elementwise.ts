// Shape rules and shapes of definitions that many operators share.
import { broadcast } from '../../graph/dims.ts'
import {
  required,
  shapeError,
  type GradientContext,
  type GradientRule,
  type InferContext,
  type OpDefinition,
  type OpPrecision,
  type Result,
} from '../../graph/op.ts'
import type { Value } from '../../graph/graph.ts'

/** Output as the first input. */
export function same(context: InferContext): Result[] {
  const x = required(context, 0, 'X')
  return [{ dtype: x.dtype, shape: x.shape }]
}

/** NumPy broadcasting of two inputs of one dtype. */
export function broadcasting(context: InferContext): Result[] {
  const a = required(context, 0, 'A')
  const b = required(context, 1, 'B')
  const shape = broadcast(a.shape, b.shape)
  if (!shape || a.dtype !== b.dtype) throw shapeError(context.where, 'two shapes that broadcast, of one type', a, b)
  return [{ dtype: a.dtype, shape }]
}

/** An operator of one input whose derivative is a factor: dX = dY · f. */
export function unaryOp(name: string, gradient: (context: GradientContext) => Value, precision?: OpPrecision): OpDefinition {
  const rules = { infer: same, gradient: (context: GradientContext) => ({ X: () => gradient(context) }) }
  return { name, inputs: ['X'], attributes: {}, ...(precision ? { precision } : {}), ...rules }
}

/** A broadcasting operator of A and B; the walk sums gradients back over broadcast axes. */
export function binaryOp(name: string, gradient: GradientRule): OpDefinition {
  return { name, inputs: ['A', 'B'], attributes: {}, infer: broadcasting, gradient }
}
