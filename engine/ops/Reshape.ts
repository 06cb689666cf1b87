import { factorsOf, multiply, type Dim } from '../graph/dims.ts'
import type { Value } from '../graph/graph.ts'
import { constantInts, reshapeTo, shapeOf } from '../graph/math.ts'
import { required, type OpDefinition } from '../graph/op.ts'

export const Reshape: OpDefinition = {
  name: 'Reshape',
  inputs: ['data', 'shape'],
  attributes: {},
  infer(context) {
    const x = required(context, 0, 'data')
    const target = required(context, 1, 'shape')
    return [{ dtype: x.dtype, shape: targetShape(x, target) }]
  },
  gradient: ({ grad, input }) => ({ data: () => reshapeTo(grad(), shapeOf(input(0))) }),
}

/** What is known of the new shape: constants, dims copied by 0, dims read from a Shape or a Concat of such. */
function targetShape(x: Value, target: Value): Dim[] {
  const dims: Dim[] = shapeContents(target) ?? Array.from({ length: Number(target.dim(0)) }, (_, i) => `${target.name}.${i}`)
  const copied = dims.map((dim, i) => (dim === 0 ? x.dim(i) : dim))
  const open = copied.indexOf(-1)
  if (open < 0) return copied
  copied[open] = quotient(
    x.shape,
    copied.filter((_, i) => i !== open),
  )
  return copied
}

export function shapeContents(target: Value): Dim[] | undefined {
  const known = constantInts(target)
  if (known) return known
  const node = target.producer
  const source = node?.inputs[0]
  if (node?.op === 'Shape' && source) {
    const { start = 0, end = source.rank } = node.attributes as { start?: number; end?: number }
    return source.shape.slice(start, end < 0 ? end + source.rank : end)
  }
  if (node?.op === 'Concat') {
    const parts = node.inputs.map((input) => (input ? shapeContents(input) : undefined))
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined
  }
  return undefined
}

/** Π whole / Π rest, cancelling equal symbols. */
function quotient(whole: readonly Dim[], rest: readonly Dim[]): Dim {
  const factors = (dims: readonly Dim[]) => factorsOf(multiply(1, ...dims))
  const left = factors(whole)
  let divisor = 1
  for (const factor of factors(rest)) {
    if (/^\d+$/.test(factor)) divisor *= Number(factor)
    else if (left.includes(factor)) left.splice(left.indexOf(factor), 1)
    else return `${multiply(1, ...whole)}/${multiply(1, ...rest)}`
  }
  const number = left.filter((factor) => /^\d+$/.test(factor)).reduce((n, factor) => n * Number(factor), 1)
  const symbols = left.filter((factor) => !/^\d+$/.test(factor))
  if (number % divisor === 0) return multiply(number / divisor, ...symbols)
  return `${multiply(number, ...symbols)}/${divisor}`
}
