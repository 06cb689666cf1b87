import { axisOf, multiply } from '../graph/dims.ts'
import { reshapeTo, shapeOf } from '../graph/math.ts'
import { required, type OpDefinition } from '../graph/op.ts'

export const Flatten: OpDefinition = {
  name: 'Flatten',
  inputs: ['input'],
  attributes: { axis: 'int' },
  infer(context) {
    const x = required(context, 0, 'input')
    const axis = axisOf(context.attributes.axis as number, x.rank)
    return [{ dtype: x.dtype, shape: [multiply(...x.shape.slice(0, axis)), multiply(...x.shape.slice(axis))] }]
  },
  gradient: ({ grad, input }) => ({ input: () => reshapeTo(grad(), shapeOf(input(0))) }),
}
