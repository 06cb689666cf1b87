import { matMul } from '../graph/math.ts'
import { required, shapeError, type OpDefinition } from '../graph/op.ts'
import { unpacked } from './shared/four-bit.ts'

/**
 * A·Wᵀ of (…, K) and a W of (N, K) that is kept in 4-bit codes, flat, row by row: two a byte, the earlier in its high half, with a scale for each
 * `block_size` of them. dA = dy·W, for which W is unpacked when dy is there.
 */
export const MatMulBnb4: OpDefinition = {
  name: 'MatMulBnb4',
  domain: 'com.microsoft',
  inputs: ['A', 'B', 'absmax'],
  attributes: { K: 'int', N: 'int', block_size: 'int', quant_type: 'int' },
  precision: 'half',
  // The weight in fp32.
  workspace: ({ K, N }) => 4 * Number(K) * Number(N),
  infer(context) {
    const a = required(context, 0, 'A')
    const { K, N } = context.attributes as { K: number; N: number }
    if (a.dim(-1) !== K) throw shapeError(context.where, `${K} columns on the left`, a)
    return [{ dtype: a.dtype, shape: [...a.shape.slice(0, -1), N] }]
  },
  gradient: ({ grad, input, attributes }) => ({
    A() {
      const { K, N, block_size: blockSize, quant_type: quantType } = attributes as Record<string, number>
      const packed = { codes: input(1), absmax: input(2), blockSize: blockSize ?? 0, quantType: quantType ?? 0 }
      return matMul(grad(), unpacked(packed, [N ?? 0, K ?? 0], grad()))
    },
  }),
}
