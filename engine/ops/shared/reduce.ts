// What ReduceSum and ReduceMean share.
import { axisOf } from '../../graph/dims.ts'
import type { Value } from '../../graph/graph.ts'
import { constantInts, expandTo, reshape, shapeOf } from '../../graph/math.ts'
import { required, type GradientContext, type InferContext, type Result } from '../../graph/op.ts'
import { PigmentError } from '../../requests/error.ts'

export function reducedAxes(x: Value, axes: Value | undefined, where: string): number[] {
  if (!axes) return x.shape.map((_, i) => i)
  const known = constantInts(axes)
  if (!known) throw new PigmentError('op-dynamic', `${where}: the reduced axes must be a constant.`, { where })
  return known.map((axis) => axisOf(axis, x.rank))
}

export function inferReduction(context: InferContext): Result[] {
  const x = required(context, 0, 'data')
  const axes = reducedAxes(x, context.inputs[1], context.where)
  const keep = context.attributes.keepdims !== 0
  const shape = keep ? x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim)) : x.shape.filter((_, i) => !axes.includes(i))
  return [{ dtype: x.dtype, shape }]
}

/** dy spread back over the reduced axes, to the shape of the input. */
export function spread({ grad, input, node, attributes }: GradientContext): Value {
  const x = input(0)
  const axes = reducedAxes(x, node.inputs[1], node.name)
  let dy = grad()
  if (attributes.keepdims === 0) {
    const unsqueezed = x.shape.map((dim, i) => (axes.includes(i) ? 1 : dim))
    const symbols = unsqueezed.filter((dim) => typeof dim === 'string').length
    if (symbols > 1) dy = x.graph.op('Unsqueeze', [dy, x.graph.constant('int64', [axes.length], axes)])[0]!
    else
      dy = reshape(
        dy,
        unsqueezed.map((dim) => (typeof dim === 'string' ? -1 : dim)),
      )
  }
  return expandTo(dy, shapeOf(x))
}
