// What an adapter adds to one weight W₀, as a stack and a fold need to know it: written once for all variants. O outputs, I inputs, R rank.
import type { Tensor } from '../tensor/tensor.ts'
import { addLowRank, type LowRank } from './low-rank.ts'

export type Side = 'output' | 'input'

/**
 * At strength w: w · (alpha / R) · up · down; w · (diag(by) − 1) · W₀, or w · W₀ · (diag(by) − 1) on the side of the input; w · delta.
 * Low-rank terms and gains are inputs of the graph, so that strengths cost nothing; dense ones have to be folded into the weight.
 */
export type Term =
  | ({ readonly kind: 'low-rank' } & LowRank)
  /** (O) or (I), around 1. The bias is not scaled. */
  | { readonly kind: 'gain'; readonly side: Side; readonly by: Float32Array }
  /** (O, I, …). */
  | { readonly kind: 'dense'; readonly delta: Tensor }

/** The weight that an adapter stands on: its shape, and its values where a term depends on them. */
export interface BaseWeight {
  /** (O, I), or (O, I, k, k) for a convolution. */
  readonly shape: readonly number[]
  readonly read: () => Promise<Tensor>
}

/** Adds a term of strength `weight` onto `onto`, which began as a copy of `base`. */
export function addTerm(onto: Float32Array, base: Tensor, term: Term, weight: number): void {
  if (term.kind === 'low-rank') addLowRank(onto, term, weight)
  else if (term.kind === 'dense') for (let i = 0; i < onto.length; i++) onto[i] = (onto[i] ?? 0) + weight * (term.delta.data[i] ?? 0)
  else addGain(onto, base, term, weight)
}

function addGain(onto: Float32Array, { shape, data }: Tensor, { side, by }: Term & { kind: 'gain' }, weight: number): void {
  const [outputs = 0, inputs = 0] = shape
  const window = data.length / (outputs * inputs)
  for (let i = 0; i < data.length; i++) {
    const channel = side === 'output' ? Math.floor(i / (inputs * window)) : Math.floor(i / window) % inputs
    onto[i] = (onto[i] ?? 0) + weight * ((by[channel] ?? 1) - 1) * (data[i] ?? 0)
  }
}
