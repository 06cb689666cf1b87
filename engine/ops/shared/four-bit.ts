// Weights out of their 4-bit codes, inside a graph.
import type { Graph, Value } from '../../graph/graph.ts'
import { lateZero } from '../../graph/late-zero.ts'
import { add, cast, ints, reshape, slice, transpose } from '../../graph/math.ts'
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
export function unpacked({ codes, absmax, blockSize, quantType }: Packed4Bit, shape: readonly number[], late: Value): Value {
  const { graph } = codes
  const rows = slice(identity(graph, blockSize), 0, 0, add(ints(graph, [blockSize]), cast(lateZero(late), 'int64')))
  const attributes = { K: blockSize, N: elementCount(shape) / blockSize, block_size: blockSize, quant_type: quantType }
  const turned = graph.op('MatMulBnb4', [rows, codes, absmax], attributes)[0] as Value // (block, blocks)
  turned.elements = elementCount(shape)
  return reshape(transpose(turned, [1, 0]), shape)
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
