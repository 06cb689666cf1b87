import { sum, multiply } from '../graph/dims.ts'
import { required, type OpDefinition } from '../graph/op.ts'
import { window } from './Conv.ts'

/** The input gradient of Conv: (N, O, H, W) with the weight (O, C, kh, kw) gives (N, C, …). */
export const ConvTranspose: OpDefinition = {
  name: 'ConvTranspose',
  inputs: ['X', 'W'],
  attributes: { strides: 'ints', pads: 'ints', output_padding: 'ints' },
  precision: 'half',
  infer(context) {
    const x = required(context, 0, 'X')
    const w = required(context, 1, 'W')
    const { strides, pads } = window(context.attributes)
    const extra = (context.attributes.output_padding as readonly number[] | undefined) ?? [0, 0]
    const side = (axis: 0 | 1) =>
      sum(
        multiply(x.dim(2 + axis), strides[axis]!),
        (w.shape[2 + axis] as number) - strides[axis]! - pads[axis]! - pads[2 + axis]! + extra[axis]!,
      )
    return [{ dtype: x.dtype, shape: [x.dim(0), w.dim(1), side(0), side(1)] }]
  },
  gradient: { none: 'It appears only in gradients; second derivatives are not needed for training.' },
}
