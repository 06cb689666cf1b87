import { axisOf, mayEqual, sum, unify } from '../graph/dims.ts'
import type { Value } from '../graph/graph.ts'
import { shapeOf, slice } from '../graph/math.ts'
import { inputName, required, shapeError, type OpDefinition } from '../graph/op.ts'

/** Each input takes back its own slice of the gradient. */
export const Concat: OpDefinition = {
  name: 'Concat',
  inputs: ['inputs*'],
  attributes: { axis: 'int' },
  infer(context) {
    const first = required(context, 0, 'inputs0')
    const values = context.inputs.map((_, i) => required(context, i, `inputs${i}`))
    const axis = axisOf(context.attributes.axis as number, first.rank)
    for (const value of values)
      if (
        value.rank !== first.rank ||
        value.dtype !== first.dtype ||
        value.shape.some((dim, i) => i !== axis && !mayEqual(dim, first.dim(i)))
      )
        throw shapeError(context.where, `inputs that differ only along axis ${axis}`, ...values)
    const shape = first.shape.map((_, i) =>
      i === axis ? sum(...values.map((v) => v.dim(axis))) : values.map((v) => v.dim(i)).reduce(unify),
    )
    return [{ dtype: first.dtype, shape }]
  },
  gradient({ node, grad, input, attributes }) {
    const rules: Record<string, () => Value> = {}
    const axis = axisOf(attributes.axis as number, node.outputs[0]!.rank)
    node.inputs.forEach((_, i) => {
      rules[inputName(Concat, i)] = () => {
        const before = node.inputs.slice(0, i).map((value) => value!.dim(axis))
        const own = node.inputs[i]!.dim(axis)
        if (before.every((dim) => typeof dim === 'number') && typeof own === 'number') {
          const start = before.reduce<number>((n, dim) => n + (dim as number), 0)
          return slice(grad(), axis, start, start + own)
        }
        return dynamicSlice(
          grad(),
          axis,
          node.inputs.slice(0, i).map((_, k) => input(k)),
          input(i),
        )
      }
    })
    return rules
  },
}

function dynamicSlice(dy: Value, axis: number, before: Value[], own: Value): Value {
  const graph = dy.graph
  const size = (value: Value) => shapeOf(value, axis, axis + 1)
  const plus = (a: Value, b: Value) => graph.op('Add', [a, b])[0]!
  const start = before.map(size).reduce(plus, graph.constant('int64', [1], [0]))
  return graph.op('Slice', [dy, start, plus(start, size(own)), graph.constant('int64', [1], [axis]), graph.constant('int64', [1], [1])])[0]!
}
