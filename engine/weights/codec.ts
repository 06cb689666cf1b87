// How frozen weights are kept and multiplied with. One way a file; a codec owns the product, since a weight that is only decoded in a graph would be
// decoded for good when its session opens.
import type { z } from 'zod'
import type { TensorSource } from '../checkpoint/config.ts'
import type { Graph, Value } from '../graph/graph.ts'
import type { Multiply } from '../linear-algebra/product.ts'
import type { DType } from '../tensor/dtype.ts'
import { dense, storedValue } from './stored-value.ts'

/** A weight inside a graph, as layers compute with it. */
export interface FrozenWeight {
  /** As PyTorch has it: (O, I) or (O, I, k, k). */
  readonly shape: readonly number[]
  /** x·Wᵀ, (…, I) → (…, O). A 1×1 convolution's weight counts as a matrix. */
  product(x: Value): Value
  /** W in fp32, in a shape of as many numbers, for a computation with `x`. */
  value(shape: readonly number[], x: Value): Value
}

/** What stands for a weight: constants by name. */
export interface PackedPart {
  readonly dtype: DType
  readonly shape: readonly number[]
  bytes: Uint8Array
}
export type PackedWeight = Readonly<Record<string, PackedPart>>

/** A weight as it is read: its numbers in order, in pieces of `pieceSize` but for the last, or whole. */
export interface WeightToPack {
  readonly shape: readonly number[]
  readonly pieces: () => AsyncIterable<Float32Array>
  /** As its file has it, where that is in this order. */
  readonly stored?: { readonly dtype: DType; readonly bytes: () => Uint8Array }
  /** Products of large matrices, for packings that say that they make some. */
  readonly multiply?: Multiply
}

/** Weights in a piece: few enough to be no matter in memory, and whole blocks of any packing. */
export const pieceSize = 1 << 20

/** A way of keeping weights that is not their file's own. */
export interface Packing {
  /** Whether it can hold a weight of this shape; the others stay in their file. */
  holds(shape: readonly number[]): boolean
  /** What `pack` will make of it, without its bytes; `stored`: how its file has it. */
  outline(shape: readonly number[], stored?: DType): PackedWeight
  readonly multiplies?: boolean
  pack(weight: WeightToPack): Promise<PackedWeight>
  frozen(parts: Readonly<Record<string, Value>>, shape: readonly number[]): FrozenWeight
}

export interface WeightCodec<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  /** Every one has a default. */
  readonly options?: O
  /** A weight, once, on a processor of two cores: for the forecast of time. */
  readonly secondsToUnpack?: number
  /** Absent where weights stay in their file, as they are stored. */
  packing?(options: z.output<O>): Packing
}

/** A packing with the weights that it has packed, by key; without them a graph can be looked at, but not run. */
export interface BaseWeights {
  readonly packing: Packing
  readonly packed?: ReadonlyMap<string, PackedWeight>
}

export const shapeOf = ({ shape, transposed }: TensorSource): readonly number[] => (transposed ? shape.toReversed() : shape)

/** Puts a weight of a file into a graph as the packing keeps it. */
export function frozenWeight(graph: Graph, key: string, source: TensorSource, { packing, packed }: BaseWeights): FrozenWeight {
  const shape = shapeOf(source)
  if (!packing.holds(shape)) return dense(storedValue(graph, key, source))
  const parts = packed?.get(key) ?? packing.outline(shape, source.transposed ? undefined : source.dtype)
  const values = Object.entries(parts).map(([name, part]): [string, Value] => [name, graph.held(`${key}/${name}`, part)])
  return packing.frozen(Object.fromEntries(values), shape)
}

/** Lets go of the bytes once sessions have them. */
export function releasePacked({ packed }: BaseWeights): void {
  for (const weight of packed?.values() ?? []) for (const part of Object.values(weight)) part.bytes = new Uint8Array()
}
