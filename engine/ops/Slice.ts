import { axisOf, slide, type Dim } from '../graph/dims.ts'
import type { Value } from '../graph/graph.ts'
import { concat, constantInts, ints, reshapeTo, shapeOf } from '../graph/math.ts'
import { required, type GradientContext, type OpDefinition } from '../graph/op.ts'
import { PigmentError } from '../requests/error.ts'
import { shapeContents } from './Reshape.ts'

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
      shape[at] =
        length(x.dim(at), starts?.[i], ends?.[i], steps[i] ?? 1) ??
        // Cut to the size of another value, which is taken to lie inside this one.
        (starts?.[i] === 0 && (steps[i] ?? 1) === 1 ? sizeOf(context.inputs[2], i) : undefined) ??
        `${context.where}.${i}`
    })
    return [{ dtype: x.dtype, shape }]
  },
  gradient: (context) => ({ data: () => padBack(context) }),
}

const sizeOf = (end: Value | undefined, index: number): Dim | undefined => (end === undefined ? undefined : shapeContents(end)?.[index])

function length(whole: Dim, start: number | undefined, end: number | undefined, step: number): Dim | undefined {
  if (start === undefined || end === undefined) return undefined
  if (typeof whole === 'number') {
    const at = (i: number) => Math.max(step < 0 ? -1 : 0, Math.min(step < 0 ? whole - 1 : whole, i < 0 ? i + whole : i))
    return Math.max(0, Math.ceil((at(end) - at(start)) / step))
  }
  const open = end > 2 ** 31
  if (step < 1) return undefined
  if (start >= 0 && (end < 0 || open)) return slide(whole, open ? 0 : end, start + 1, step)
  if (step !== 1) return undefined
  if (start < 0 && open) return -start
  // A slice from the front of a symbolic axis is taken to lie inside it.
  return start >= 0 && end >= 0 && !open ? end - start : undefined
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
  const whole = graph.op('Pad', [grad(), concat(parts, 0)])[0]!
  // The pads are known at run time only; that it is X's shape again is known now.
  return reshapeTo(whole, shapeOf(x))
}

/** A start that may be negative, counted from the front. */
function normal(start: Value, size: Value): Value {
  const known = constantInts(start)
  return known && (known[0] ?? 0) < 0 ? size.graph.op('Add', [size, start])[0]! : start
}
