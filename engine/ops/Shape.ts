import { required, type OpDefinition } from '../graph/op.ts'

export const Shape: OpDefinition = {
  name: 'Shape',
  inputs: ['data'],
  attributes: { start: 'int', end: 'int' },
  infer(context) {
    const { rank } = required(context, 0, 'data')
    const { start = 0, end = rank } = context.attributes as { start?: number; end?: number }
    const at = (axis: number) => Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis))
    return [{ dtype: 'int64', shape: [Math.max(0, at(end) - at(start))] }]
  },
  gradient: { none: 'A shape does not depend on the values.' },
}
