// How much the values of a graph take at one time, as the runtime lays them out (onnxruntime's AllocationPlanner): a value may be written over its last
// input, and memory that nobody needs any more is kept for the next value of the same shape, which is why it lies there in between.
import { bytesPerElement } from '../tensor/dtype.ts'
import { Graph, type Node, type Value } from './graph.ts'
import { opNamed } from './op.ts'
import { readBy, runOrder } from './run-order.ts'
import { elementsOf, type Sizes } from './size-of-dim.ts'

/** Ops that give the memory they are given under another shape. */
const aliases = new Set(['Reshape', 'Flatten', 'Unsqueeze', 'Identity'])
/** Ops that write over an input of as many bytes that nobody reads after them. */
const overwriting = new Set(
  ['Add', 'Sub', 'Mul', 'Div', 'Neg', 'Abs', 'Exp', 'Log', 'Sqrt', 'Reciprocal'].concat([
    'Sigmoid',
    'Tanh',
    'Erf',
    'Relu',
    'Softmax',
    'Clip',
  ]),
)

export const bytesOf = ({ shape, elements = 0, dtype }: Value, sizes: Sizes): number =>
  (elementsOf(shape, sizes) ?? elements) * bytesPerElement[dtype]

/** A piece of memory: from the node that first writes into it to the last that reads it. */
interface Piece {
  /** Under some of its shapes more is known than under others. */
  bytes: number
  readonly made: number
  last: number
  /** Readers that are still to come. */
  readers: number
  /** That of the value that it was made for; absent where the runtime does not know it. */
  readonly shape: string | undefined
}

/** Of nodes that are run, the most that they hold at one time, in bytes; `given` is the caller's. */
export function mostHeld(nodes: readonly Node[], given: ReadonlySet<Value>, sizes: Sizes): number {
  const named = new Map(nodes.flatMap(({ outputs }) => outputs.map((value) => [value.name, value])))
  const read = new Map(nodes.map((node) => [node, readBy(node, named)]))
  const order = runOrder(nodes, read)
  const pieces = new Set(lives(order, read, given, sizes))
  const change = new Float64Array(order.length + 1)
  for (const { bytes, made, last } of pieces) {
    change[made] = (change[made] ?? 0) + bytes
    change[last + 1] = (change[last + 1] ?? 0) - bytes
  }
  let held = 0
  let most = 0
  order.forEach(({ op, attributes }, at) => {
    held += change[at] ?? 0
    const bodies = Object.values(attributes).reduce<number>((sum, one) => sum + (one instanceof Graph ? one.workspace : 0), 0)
    most = Math.max(most, held + bodies + (opNamed(op).workspace?.(attributes) ?? 0))
  })
  return most
}

function lives(
  order: readonly Node[],
  read: ReadonlyMap<Node, readonly Value[]>,
  given: ReadonlySet<Value>,
  sizes: Sizes,
): readonly Piece[] {
  const known = new Map<Value, number>()
  const sizeOf = (value: Value): number => {
    const bytes = known.get(value) ?? bytesOf(value, sizes)
    known.set(value, bytes)
    return bytes
  }
  const readers = new Map<Value, number>()
  for (const values of read.values()) for (const value of values) readers.set(value, (readers.get(value) ?? 0) + 1)
  const pieceOf = new Map<Value, Piece>()
  const all: Piece[] = []
  const free = new Map<string, Piece[]>()
  const letGo = (piece: Piece): void => {
    if (piece.shape === undefined) return
    const same = free.get(piece.shape)
    if (same) same.push(piece)
    else free.set(piece.shape, [piece])
  }

  const placed = (node: Node, output: Value, at: number): Piece => {
    const [first] = node.inputs
    const alias = aliases.has(node.op) && first ? pieceOf.get(first) : undefined
    if (alias) return alias
    const bytes = sizeOf(output)
    const over = overwriting.has(node.op)
      ? node.inputs.find((input) => input && pieceOf.get(input)?.readers === 1 && sizeOf(input) === bytes)
      : undefined
    if (over) return pieceOf.get(over) as Piece
    const shape = knownShape(node, output)
    const kept = shape === undefined ? undefined : free.get(shape)?.pop()
    if (kept) return kept
    const piece = { bytes, made: at, last: at, readers: 0, shape }
    all.push(piece)
    return piece
  }

  order.forEach((node, at) => {
    for (const output of node.outputs) {
      if (given.has(output)) continue
      const piece = placed(node, output, at)
      pieceOf.set(output, piece)
      piece.bytes = Math.max(piece.bytes, sizeOf(output))
      piece.readers += readers.get(output) ?? 0
      piece.last = at
    }
    for (const value of read.get(node) ?? []) {
      const piece = pieceOf.get(value)
      if (!piece) continue
      piece.last = at
      if (--piece.readers === 0) letGo(piece)
    }
    for (const output of node.outputs) {
      const piece = pieceOf.get(output)
      if (piece?.readers === 0 && (readers.get(output) ?? 0) === 0) letGo(piece)
    }
  })
  return all
}

/** What the runtime is told of a shape; of convolutions nothing (engine/onnx/write.ts). */
function knownShape({ op }: Node, { shape, dtype, elements }: Value): string | undefined {
  return op === 'Conv' || elements !== undefined || shape.length === 0 ? undefined : `${bytesPerElement[dtype]} ${shape.join(',')}`
}
