// What the pairs of an adapter are before the first step. One file of this folder each.
import type { z } from 'zod'
import { matrixOf, transpose, type Matrix } from '../../linear-algebra/matrix.ts'
import { elementCount, type Tensor } from '../../tensor/tensor.ts'

/** The pair of one layer. R rank, O outputs, I inputs, for a convolution times its window. */
export interface StartAt {
  /** (O, I) or (O, I, k, k). */
  readonly weight: readonly number[]
  readonly rank: number
  /** What the product of the pair is multiplied by. */
  readonly scale: number
  readonly seed: number
  /** Of the layer: its draws are from streams of this name. */
  readonly name: string
  /** The values of its weight. */
  readonly base: () => Promise<Tensor>
}

export interface StartedPair {
  /** (R, I). */
  readonly down: Float32Array
  /** (O, R). */
  readonly up: Float32Array
}

export interface PairStart<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /** For a person. */
  readonly title: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  readonly options: O
  /**
   * Its pair is a part of the weight, which is taken out of it: the same pair, held as it began, is subtracted in the graph, so that the frozen weight
   * stays what it is, and the result is a plain pair of twice the rank.
   */
  readonly taken?: true
  /** Why a pair cannot have this rank, after "a rank of 3 ". */
  refuses?(rank: number): string | undefined
  /** Undefined where the variant's own draw is meant. */
  pair?(at: StartAt, options: z.output<O>): Promise<StartedPair>
}

/** O and I of a weight. */
export const sidesOf = ([outputs = 0, ...window]: readonly number[]): readonly [outputs: number, inputs: number] => [
  outputs,
  elementCount(window),
]

/**
 * Factors of fewer ranks than a pair has, as where its weight has no more: what is left of `down` is `rest` (R, I), of `up` nothing, so that both together do
 * what the factors do, and all of it can learn.
 */
export function filledUp(down: Matrix, up: Matrix, rest: Float32Array, rank: number): StartedPair {
  const [outputs, own] = [up.rows, down.rows]
  const whole = Float32Array.from(rest)
  whole.set(down.data)
  const wide = new Float32Array(outputs * rank)
  for (let o = 0; o < outputs; o++) for (let r = 0; r < own; r++) wide[o * rank + r] = up.data[o * own + r] as number
  return { down: whole, up: wide }
}

/** W as (O, I), and Wᵀ. */
export async function weightOf(base: StartAt['base']): Promise<{ readonly w: Matrix; readonly turned: Matrix }> {
  const w = matrixOf(await base())
  return { w, turned: transpose(w) }
}
