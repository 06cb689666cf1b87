import { mul, reduceSum, sub } from '../graph/math.ts'
import type { OpDefinition } from '../graph/op.ts'
import { same } from './shared/elementwise.ts'

/** P = softmax(x): dx = P ⊙ (dP − Σ dP ⊙ P). */
export const Softmax: OpDefinition = {
  name: 'Softmax',
  inputs: ['input'],
  attributes: { axis: 'int' },
  precision: 'inside',
  infer: same,
  gradient: ({ grad, output, attributes }) => ({
    input: () => {
      const p = output()
      const axis = (attributes.axis as number | undefined) ?? -1
      return mul(p, sub(grad(), reduceSum(mul(grad(), p), [axis])))
    },
  }),
}
