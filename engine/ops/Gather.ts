import { axisOf } from '../graph/dims.ts'
import { cast, expandTo, mul, reshape, shapeOf } from '../graph/math.ts'
import { required, type OpDefinition } from '../graph/op.ts'
import { PigmentError } from '../requests/error.ts'

/** Rows of a table by index (an embedding). Its gradient scatters the rows of dy back with addition. */
export const Gather: OpDefinition = {
  name: 'Gather',
  inputs: ['data', 'indices'],
  attributes: { axis: 'int' },
  infer(context) {
    const x = required(context, 0, 'data')
    const indices = required(context, 1, 'indices')
    const axis = axisOf((context.attributes.axis as number | undefined) ?? 0, x.rank)
    return [{ dtype: x.dtype, shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)] }]
  },
  gradient: ({ grad, input, attributes, node }) => ({
    data: () => {
      const table = input(0)
      const width = table.dim(-1)
      if ((attributes.axis ?? 0) !== 0 || table.rank !== 2 || typeof width !== 'number')
        throw new PigmentError('gradient-missing', `${node.name}: only a gather of rows from a table has a gradient.`, {})
      const zero = mul(expandTo(table.graph.constant(table.dtype, [], [0]), shapeOf(table)), 1)
      const rows = reshape(grad(), [-1, width])
      const indices = reshape(cast(input(1), 'int64'), [-1, 1])
      return table.graph.op('ScatterND', [zero, indices, rows], { reduction: 'add' })[0]!
    },
  }),
}
