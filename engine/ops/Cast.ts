import { cast, onnxType } from '../graph/math.ts'
import { required, type OpDefinition } from '../graph/op.ts'
import type { DType } from '../tensor/dtype.ts'

const dtypes = new Map(Object.entries(onnxType).map(([name, code]) => [code, name as DType]))

export const Cast: OpDefinition = {
  name: 'Cast',
  inputs: ['input'],
  attributes: { to: 'int' },
  infer(context) {
    const x = required(context, 0, 'input')
    return [{ dtype: dtypes.get(context.attributes.to as number) ?? 'float32', shape: x.shape }]
  },
  gradient: ({ grad, input }) => ({ input: () => cast(grad(), input(0).dtype) }),
}
