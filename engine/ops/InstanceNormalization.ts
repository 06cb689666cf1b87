import { mul, reduceSum, reshape } from '../graph/math.ts'
import type { OpDefinition } from '../graph/op.ts'
import { same } from './shared/elementwise.ts'
import { normalised, normGradient } from './shared/normalize.ts'

/** Each (sample, channel) of (N, C, L) to zero mean and unit variance, then γ and β by channel. */
export const InstanceNormalization: OpDefinition = {
  name: 'InstanceNormalization',
  inputs: ['input', 'scale', 'B'],
  attributes: { epsilon: 'float' },
  precision: 'inside',
  infer: same,
  gradient: (context) => {
    const epsilon = (context.attributes.epsilon as number | undefined) ?? 1e-5
    const parts = () => normalised(context.input(0), [2], epsilon)
    return {
      input: () => normGradient(parts(), mul(context.grad(), reshape(context.input(1), [1, -1, 1])), [2]),
      scale: () => reduceSum(mul(context.grad(), parts().hat), [0, 2], false),
      B: () => reduceSum(context.grad(), [0, 2], false),
    }
  },
}
