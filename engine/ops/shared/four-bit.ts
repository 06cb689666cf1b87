// Weights out of their 4-bit codes, inside a graph.
import type { Graph, Value } from '../../graph/graph.ts'
import { lateZero } from '../../graph/late-zero.ts'
import { add, cast, ints, reshape, reshapeTo, slice, transpose } from '../../graph/math.ts'
import { elementCount } from '../../tensor/tensor.ts'

/** Constants as MatMulBnb4 takes them. */
export interface Packed4Bit {
  readonly codes: Value
  readonly absmax: Value
  readonly blockSize: number
  /** 0 = FP4, 1 = NF4. */
  readonly quantType: number
}

/** A late zero that is not differentiated through: whole numbers carry no derivative. */
export const lateConstantZero = (value: Value): Value => cast(cast(lateZero(value), 'int64'), value.dtype)

const identities = new WeakMap<Graph, Map<number, Value>>()

/**
 * W in fp32: the identity times Wᵀ, block by block, which is exact and needs no memory for codes as indices. It is made when `late` is known: a
 * weight that is unpacked early lies in memory beside all the others. How many rows the identity has the runtime learns only then, too: memory of a
 * shape that it knows it keeps for the next value of that shape, through the whole step. Blocks must be whole.
 */
export function unpacked(packed: Packed4Bit, shape: readonly number[], late: Value): Value {
  return reshape(inBlocks(packed, elementCount(shape), cast(lateZero(late), 'int64')), shape)
}

/** The weight of a convolution as (I, O, kh, kw), each kernel turned by half a circle; in shapes that are as late, for the same reason. */
export function unpackedTurned(packed: Packed4Bit, shape: readonly number[], late: Value): Value {
  const [O = 1, I = 1, kh = 1, kw = 1] = shape
  const zero = cast(lateZero(late), 'int64')
  const count = elementCount(shape)
  const open = (x: Value, dims: readonly number[]): Value => reshapeTo(x, add(ints(x.graph, dims), zero))
  const kernels = open(inBlocks(packed, count, zero), [O * I, kh * kw])
  const back = sized(slice(kernels, 1, -1, Number.MIN_SAFE_INTEGER, -1), count)
  return reshape(sized(transpose(open(back, [O, I, kh * kw]), [1, 0, 2]), count), [I, O, kh, kw])
}

/** (blocks, block); `zero`: a whole number that is known late. */
function inBlocks({ codes, absmax, blockSize, quantType }: Packed4Bit, count: number, zero: Value): Value {
  const { graph } = codes
  const rows = slice(identity(graph, blockSize), 0, 0, add(ints(graph, [blockSize]), zero))
  const attributes = { K: blockSize, N: count / blockSize, block_size: blockSize, quant_type: quantType }
  const [turned] = graph.op('MatMulBnb4', [rows, codes, absmax], attributes) // (block, blocks)
  return sized(transpose(sized(turned as Value, count), [1, 0]), count)
}

function sized(value: Value, count: number): Value {
  value.elements = count
  return value
}

function identity(graph: Graph, size: number): Value {
  const made = identities.get(graph) ?? new Map<number, Value>()
  identities.set(graph, made)
  const known = made.get(size)
  if (known) return known
  const ones = Float32Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0))
  const value = graph.constant('float32', [size, size], ones)
  made.set(size, value)
  return value
}
