import { multiply } from '../graph/dims.ts'
import { mul } from '../graph/math.ts'
import { required, type OpDefinition } from '../graph/op.ts'
import { PigmentError } from '../requests/error.ts'

/** Nearest upsampling ×2 of height and width. The gradient sums each 2×2 block: four times its average. */
export const Resize: OpDefinition = {
  name: 'Resize',
  inputs: ['X', 'roi', 'scales'],
  attributes: { mode: 'string', coordinate_transformation_mode: 'string', nearest_mode: 'string' },
  fixed: [1, 2],
  infer(context) {
    const x = required(context, 0, 'X')
    const scales = required(context, 2, 'scales').constant
    if (!scales || !('bytes' in scales) || x.rank !== 4)
      throw new PigmentError('op-dynamic', `${context.where}: Resize needs (N, C, H, W) and constant scales.`, {})
    const factors = new Float32Array(scales.bytes.slice().buffer)
    return [{ dtype: x.dtype, shape: x.shape.map((dim, i) => multiply(dim, factors[i] ?? 1)) }]
  },
  gradient: ({ grad, node }) => ({
    X: () => {
      const scales = node.inputs[2]?.constant
      const factors = scales && 'bytes' in scales ? [...new Float32Array(scales.bytes.slice().buffer)] : []
      if (node.attributes.mode !== 'nearest' || String(factors) !== '1,1,2,2')
        throw new PigmentError('gradient-missing', `${node.name}: only nearest ×2 upsampling has a gradient.`, {})
      return mul(grad().graph.op('AveragePool', [grad()], { kernel_shape: [2, 2], strides: [2, 2] })[0]!, 4)
    },
  }),
}
