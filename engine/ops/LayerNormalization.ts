import { mul, reduceSum } from '../graph/math.ts'
import type { Value } from '../graph/graph.ts'
import type { OpDefinition } from '../graph/op.ts'
import { same } from './shared/elementwise.ts'
import { normalised, normGradient } from './shared/normalize.ts'

/** y = γ (x − μ) / √(σ² + ε) + β over the last axis. */
export const LayerNormalization: OpDefinition = {
  name: 'LayerNormalization',
  inputs: ['X', 'Scale', 'B'],
  attributes: { axis: 'int', epsilon: 'float' },
  precision: 'inside',
  infer: same,
  gradient: (context) => {
    const epsilon = (context.attributes.epsilon as number | undefined) ?? 1e-5
    const parts = () => normalised(context.input(0), [-1], epsilon)
    const leading = (value: Value) =>
      reduceSum(
        value,
        Array.from({ length: value.rank - 1 }, (_, i) => i),
        false,
      )
    return {
      X: () => normGradient(parts(), mul(context.grad(), context.input(1)), [-1]),
      Scale: () => leading(mul(context.grad(), parts().hat)),
      B: () => leading(context.grad()),
    }
  },
}
