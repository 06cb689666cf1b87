import { broadcast } from '../graph/dims.ts'
import { where } from '../graph/math.ts'
import { required, shapeError, type OpDefinition } from '../graph/op.ts'
import { PigmentError } from '../requests/error.ts'

export const Where: OpDefinition = {
  name: 'Where',
  inputs: ['condition', 'X', 'Y'],
  attributes: {},
  infer(context) {
    const c = required(context, 0, 'condition')
    const x = required(context, 1, 'X')
    const y = required(context, 2, 'Y')
    if (c.dtype !== 'bool') throw new PigmentError('op-input', `${context.where}: the condition must be bool, got ${c.dtype}.`, {})
    const xy = broadcast(x.shape, y.shape)
    const shape = xy && broadcast(c.shape, xy)
    if (!shape || x.dtype !== y.dtype) throw shapeError(context.where, 'shapes that broadcast', c, x, y)
    return [{ dtype: x.dtype, shape }]
  },
  gradient: ({ grad, input }) => {
    const zero = () => grad().graph.constant(grad().dtype, [], [0])
    return { X: () => where(input(0), grad(), zero()), Y: () => where(input(0), zero(), grad()) }
  },
}
