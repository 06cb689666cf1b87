import { slide } from '../graph/dims.ts'
import { div, upsample2 } from '../graph/math.ts'
import { required, type OpDefinition } from '../graph/op.ts'
import { PigmentError } from '../requests/error.ts'

/** Means of non-overlapping 2×2 blocks; the gradient is spread evenly over each block. */
export const AveragePool: OpDefinition = {
  name: 'AveragePool',
  inputs: ['X'],
  attributes: { kernel_shape: 'ints', strides: 'ints' },
  infer(context) {
    const x = required(context, 0, 'X')
    const [kh = 2, kw = 2] = context.attributes.kernel_shape as number[]
    const [sh = 1, sw = 1] = (context.attributes.strides as number[] | undefined) ?? []
    return [{ dtype: x.dtype, shape: [x.dim(0), x.dim(1), slide(x.dim(2), 0, kh, sh), slide(x.dim(3), 0, kw, sw)] }]
  },
  gradient: ({ grad, node }) => ({
    X: () => {
      if (![node.attributes.kernel_shape, node.attributes.strides].every((pair) => JSON.stringify(pair) === '[2,2]'))
        throw new PigmentError('gradient-missing', `${node.name}: only 2×2 pooling with stride 2 has a gradient.`, {})
      return div(upsample2(grad()), 4)
    },
  }),
}
