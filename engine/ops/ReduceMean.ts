import { cast, div } from '../graph/math.ts'
import type { OpDefinition } from '../graph/op.ts'
import type { Value } from '../graph/graph.ts'
import { inferReduction, reducedAxes, spread } from './shared/reduce.ts'

/** y = mean x: dx = dy / n, spread over the n reduced elements. */
export const ReduceMean: OpDefinition = {
  name: 'ReduceMean',
  inputs: ['data', 'axes'],
  attributes: { keepdims: 'int' },
  precision: 'inside',
  infer: inferReduction,
  gradient: (context) => ({
    data: () => {
      const x = context.input(0)
      const dims = reducedAxes(x, context.node.inputs[1], context.node.name).map((axis) => x.dim(axis))
      const known = dims.every((dim) => typeof dim === 'number')
      const count: Value | number = known ? dims.reduce<number>((n, dim) => n * (dim as number), 1) : ratioOfSizes(x, context.output())
      return div(spread(context), count)
    },
  }),
}

/** Elements of x per element of y, at run time. */
function ratioOfSizes(x: Value, y: Value): Value {
  const size = (value: Value) => cast(value.graph.op('Size', [value])[0]!, 'float32')
  return cast(div(size(x), size(y)), x.dtype)
}
