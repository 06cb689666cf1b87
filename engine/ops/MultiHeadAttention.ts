import { required, type OpDefinition } from '../graph/op.ts'
import { attentionGradients } from './shared/attention-gradient.ts'

/**
 * softmax(QKᵀ/√d + bias)·V of (N, T, heads·d) in one kernel. Neither it, without a bias, nor its gradient holds a matrix of T × T′ for each head, and
 * the gradient computes the scores again: few tokens are quicker in the open form. The bias is a mask: it has no gradient.
 */
export const MultiHeadAttention: OpDefinition = {
  name: 'MultiHeadAttention',
  domain: 'com.microsoft',
  inputs: ['query', 'key', 'value', 'packed_bias', 'key_padding_mask', 'attention_bias'],
  attributes: { num_heads: 'int', scale: 'float' },
  precision: 'half',
  infer(context) {
    const query = required(context, 0, 'query')
    const value = required(context, 2, 'value')
    return [{ dtype: query.dtype, shape: [query.dim(0), query.dim(1), value.dim(2)] }]
  },
  gradient({ input, output, grad, has, attributes }) {
    const heads = attributes.num_heads as number
    const [query, key, value, bias] = [input(0), input(1), input(2), has(5) ? input(5) : undefined]
    const scale = (attributes.scale as number | undefined) ?? 1 / Math.sqrt((query.dim(-1) as number) / heads)
    const made = attentionGradients({ query, key, value, bias, output: output(), grad: grad(), heads, scale })
    return { query: () => made.query, key: () => made.key, value: () => made.value }
  },
}
