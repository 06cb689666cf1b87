import { sum } from '../graph/dims.ts'
import { constantInts, ints, pad } from '../graph/math.ts'
import { required, type OpDefinition } from '../graph/op.ts'

/** Zero padding, `pads` = all begins then all ends; the gradient cuts it off again by the negative pads. */
export const Pad: OpDefinition = {
  name: 'Pad',
  inputs: ['data', 'pads'],
  attributes: {},
  infer(context) {
    const x = required(context, 0, 'data')
    const pads = constantInts(required(context, 1, 'pads'))
    const shape = x.shape.map((dim, i) => (pads ? sum(dim, (pads[i] ?? 0) + (pads[x.rank + i] ?? 0)) : `${context.where}.${i}`))
    return [{ dtype: x.dtype, shape }]
  },
  gradient: ({ grad, input, node }) => ({
    data: () => {
      const pads = constantInts(node.inputs[1])
      if (pads)
        return pad(
          grad(),
          pads.map((n) => -n),
        )
      return grad().graph.op('Pad', [grad(), grad().graph.op('Mul', [input(1), ints(grad().graph, [-1])])[0]!])[0]!
    },
  }),
}
