import { axisOf } from '../graph/dims.ts'
import { concat, constantInts } from '../graph/math.ts'
import { required, shapeError, type OpDefinition } from '../graph/op.ts'

export const Split: OpDefinition = {
  name: 'Split',
  inputs: ['input', 'split'],
  attributes: { axis: 'int' },
  infer(context) {
    const x = required(context, 0, 'input')
    const sizes = constantInts(required(context, 1, 'split')) ?? []
    const axis = axisOf(context.attributes.axis as number, x.rank)
    const whole = x.dim(axis)
    if (typeof whole === 'number' && whole !== sizes.reduce((a, b) => a + b, 0))
      throw shapeError(context.where, `${sizes.join(' + ')} along axis ${axis}`, x)
    return sizes.map((size) => ({ dtype: x.dtype, shape: x.shape.map((dim, i) => (i === axis ? size : dim)) }))
  },
  gradient: ({ node, grad, attributes }) => ({
    input: () =>
      concat(
        node.outputs.map((_, i) => grad(i)),
        attributes.axis as number,
      ),
  }),
}
