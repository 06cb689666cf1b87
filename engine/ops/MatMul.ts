import { broadcast, mayEqual, showShape } from '../graph/dims.ts'
import type { Value } from '../graph/graph.ts'
import { matMul, reduceSum, reshape, transpose } from '../graph/math.ts'
import { required, shapeError, type OpDefinition } from '../graph/op.ts'
import { PigmentError } from '../requests/error.ts'

const swapLast = (x: Value): Value => transpose(x, [...Array(x.rank - 2).keys(), x.rank - 1, x.rank - 2])

/** y = a·b over the last two axes; da = dy·bᵀ, db = aᵀ·dy. The walk undoes broadcasting of the leading axes. */
export const MatMul: OpDefinition = {
  name: 'MatMul',
  inputs: ['A', 'B'],
  attributes: {},
  precision: 'half',
  infer(context) {
    const a = required(context, 0, 'A')
    const b = required(context, 1, 'B')
    if (a.rank < 2 || b.rank < 2)
      throw new PigmentError('shape-mismatch', `${context.where}: MatMul needs at least two axes, got ${showShape(a.shape)}.`, {})
    const lead = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2))
    if (!lead || !mayEqual(a.dim(-1), b.dim(-2)) || a.dtype !== b.dtype)
      throw shapeError(context.where, 'as many columns on the left as rows on the right', a, b)
    return [{ dtype: a.dtype, shape: [...lead, a.dim(-2), b.dim(-1)] }]
  },
  gradient: ({ grad, input }) => ({
    A: () => matMul(grad(), swapLast(input(1))),
    B: () => {
      const a = input(0)
      const dy = grad()
      // A weight shared by all rows: fold the leading axes first, so that one product does the summing.
      if (input(1).rank === 2 && a.rank > 2) return matMul(transpose(rows(a), [1, 0]), rows(dy))
      return matMul(swapLast(a), dy)
    },
  }),
}

/** (…, D) → (rows, D). */
function rows(x: Value): Value {
  const width = x.dim(-1)
  if (typeof width === 'number') return reshape(x, [-1, width])
  // A run-time width (a stack's rank): fold by flattening at the last axis.
  return x.graph.op('Flatten', [x], { axis: x.rank - 1 })[0] ?? reduceSum(x, [])
}
