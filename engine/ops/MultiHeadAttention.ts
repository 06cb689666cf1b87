import { required, type OpDefinition } from '../graph/op.ts'

/** softmax(QKᵀ/√d)·V of (B, T, heads·d) in one kernel, for inference; training uses the open form. */
export const MultiHeadAttention: OpDefinition = {
  name: 'MultiHeadAttention',
  domain: 'com.microsoft',
  inputs: ['query', 'key', 'value'],
  attributes: { num_heads: 'int', scale: 'float' },
  precision: 'half',
  infer(context) {
    const query = required(context, 0, 'query')
    const value = required(context, 2, 'value')
    return [{ dtype: query.dtype, shape: [query.dim(0), query.dim(1), value.dim(2)] }]
  },
  gradient: { none: 'A fused kernel for inference. Training builds attention from MatMul and Softmax, whose gradients are known.' },
}
