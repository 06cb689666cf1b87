import { where } from '../graph/math.ts'
import type { OpDefinition } from '../graph/op.ts'
import { same } from './shared/elementwise.ts'

/** The gradient passes where the value was not clipped. */
export const Clip: OpDefinition = {
  name: 'Clip',
  inputs: ['input', 'min', 'max'],
  attributes: {},
  infer: same,
  gradient: ({ grad, input, output }) => ({
    input: () => where(grad().graph.op('Equal', [input(0), output()])[0]!, grad(), grad().graph.constant(grad().dtype, [], [0])),
  }),
}
