import { axisOf, sum, type Dim } from '../graph/dims.ts'
import type { Value } from '../graph/graph.ts'
import { concat, constantInts, ints, shapeOf } from '../graph/math.ts'
import { required, type GradientContext, type OpDefinition } from '../graph/op.ts'
import { PigmentError } from '../spec/error.ts'

/** x[starts:ends:steps] along `axes`; the gradient is padded back with zeros. One axis a node; only step 1 has a gradient. */
export const Slice: OpDefinition = {
  name: 'Slice',
  inputs: ['data', 'starts', 'ends', 'axes', 'steps'],
  attributes: {},
  infer(context) {
    const x = required(context, 0, 'data')
    const starts = constantInts(context.inputs[1])
    const ends = constantInts(context.inputs[2])
    const axes = constantInts(required(context, 3, 'axes')) ?? []
    const steps = constantInts(context.inputs[4]) ?? axes.map(() => 1)
    const shape: Dim[] = [...x.shape]
    axes.forEach((axis, i) => {
      const at = axisOf(axis, x.rank)
      shape[at] = length(x.dim(at), starts?.[i], ends?.[i], steps[i] ?? 1) ?? `${context.where}.${i}`
    })
    return [{ dtype: x.dtype, shape }]
  },
  gradient: (context) => ({ data: () => padBack(context) }),
}

function length(whole: Dim, start: number | undefined, end: number | undefined, step: number): Dim | undefined {
  if (start === undefined || end === undefined) return undefined
  if (typeof whole === 'number') {
    const at = (i: number) => Math.max(step < 0 ? -1 : 0, Math.min(step < 0 ? whole - 1 : whole, i < 0 ? i + whole : i))
    return Math.max(0, Math.ceil((at(end) - at(start)) / step))
  }
  if (step !== 1) return undefined
  if (start >= 0 && end < 0) return sum(whole, end - start)
  if (start < 0 && end > 2 ** 31) return -start
  // A slice from the front of a symbolic axis is taken to lie inside it.
  return start >= 0 && end >= 0 && end <= 2 ** 31 ? end - start : undefined
}

function padBack({ input, node, grad }: GradientContext): Value {
  const x = input(0)
  const { graph } = x
  const [axis] = constantInts(node.inputs[3]) ?? []
  if (axis === undefined || (constantInts(node.inputs[3])?.length ?? 0) !== 1 || (constantInts(node.inputs[4])?.[0] ?? 1) !== 1)
    throw new PigmentError('gradient-missing', `${node.name}: only a slice of one axis with step 1 has a gradient.`, {})
  const at = axisOf(axis, x.rank)
  const zero = (n: number) => ints(graph, Array<number>(n).fill(0))
  const size = shapeOf(x, at, at + 1)
  const start = normal(input(1), size)
  const taken = shapeOf(grad(), at, at + 1)
  const minus = (a: Value, b: Value) => graph.op('Sub', [a, b])[0]!
  const after = minus(minus(size, start), taken)
  const parts = [zero(at), start, zero(x.rank - 1), after, zero(x.rank - 1 - at)].filter((part) => part.dim(0) !== 0)
  return graph.op('Pad', [grad(), concat(parts, 0)])[0]!
}

/** A start that may be negative, counted from the front. */
function normal(start: Value, size: Value): Value {
  const known = constantInts(start)
  return known && (known[0] ?? 0) < 0 ? size.graph.op('Add', [size, start])[0]! : start
}
