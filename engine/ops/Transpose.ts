import { transpose } from '../graph/math.ts'
import { required, shapeError, type OpDefinition } from '../graph/op.ts'

export const Transpose: OpDefinition = {
  name: 'Transpose',
  inputs: ['data'],
  attributes: { perm: 'ints' },
  infer(context) {
    const x = required(context, 0, 'data')
    const perm = context.attributes.perm as readonly number[]
    if (perm.length !== x.rank) throw shapeError(context.where, `${perm.length} axes`, x)
    return [{ dtype: x.dtype, shape: perm.map((axis) => x.dim(axis)) }]
  },
  gradient: ({ grad, attributes }) => ({
    data: () => {
      const perm = attributes.perm as readonly number[]
      return transpose(
        grad(),
        perm.map((_, i) => perm.indexOf(i)),
      )
    },
  }),
}
