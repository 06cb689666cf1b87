import { broadcast } from '../graph/dims.ts'
import { required, shapeError, type OpDefinition } from '../graph/op.ts'
import { shapeContents } from './Reshape.ts'

/** The walk sums the gradient back over what was expanded. */
export const Expand: OpDefinition = {
  name: 'Expand',
  inputs: ['input', 'shape'],
  attributes: {},
  infer(context) {
    const x = required(context, 0, 'input')
    const target = required(context, 1, 'shape')
    const dims = shapeContents(target) ?? Array.from({ length: Number(target.dim(0)) }, (_, i) => `${target.name}.${i}`)
    const shape = broadcast(x.shape, dims)
    if (!shape) throw shapeError(context.where, `a shape that expands to [${dims.join(', ')}]`, x)
    return [{ dtype: x.dtype, shape }]
  },
  gradient: ({ grad }) => ({ input: grad }),
}
