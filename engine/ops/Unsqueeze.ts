import { axisOf, type Dim } from '../graph/dims.ts'
import { constantInts, reshapeTo, shapeOf } from '../graph/math.ts'
import { required, type OpDefinition } from '../graph/op.ts'

export const Unsqueeze: OpDefinition = {
  name: 'Unsqueeze',
  inputs: ['data', 'axes'],
  attributes: {},
  infer(context) {
    const x = required(context, 0, 'data')
    const axes = constantInts(required(context, 1, 'axes')) ?? []
    const rank = x.rank + axes.length
    const places = axes.map((axis) => axisOf(axis, rank))
    const rest = [...x.shape]
    const shape = Array.from({ length: rank }, (_, i): Dim => (places.includes(i) ? 1 : (rest.shift() ?? 1)))
    return [{ dtype: x.dtype, shape }]
  },
  gradient: ({ grad, input }) => ({ data: () => reshapeTo(grad(), shapeOf(input(0))) }),
}
