// A stack as inputs of the graph: ranks concatenated, weights and scales multiplied into B, gains added up. Exact for any mix of ranks.
import type { Tensor } from '../tensor/tensor.ts'
import { rankOf } from './low-rank.ts'
import type { ActiveTerm, ActiveTerms } from './stack.ts'
import { inputNameA, inputNameB, inputNameGain } from './stack-inputs.ts'
import type { ChannelInput, Term } from './term.ts'

/** A module that the graph leaves open for adapters. */
export interface AdaptedModule {
  readonly path: string
  /** (O, I), or (O, I, k, k) for a convolution. */
  readonly weight: readonly number[]
  /** Sides on which it can be scaled, and whether it can be shifted. */
  readonly gains: readonly ChannelInput[]
}

/**
 * Feeds for every adapted module: A (R, I) and B (O, R), for a convolution (R, I, k, k) and (O, R, 1, 1), with R = Σ ranks, at least `minimumRank`:
 * missing ranks are zeros. Where nothing is active R is 0, and 1 for a convolution, which no runtime knows without channels. A gain is (O) or (I), a shift (O).
 */
export function stackFeeds(terms: ActiveTerms, adapted: readonly AdaptedModule[], minimumRank = 0): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {}
  for (const module of adapted) {
    const active = terms.get(module.path) ?? []
    const [a, b] = lowRankFeeds(module, active, minimumRank)
    feeds[inputNameA(module.path)] = a
    feeds[inputNameB(module.path)] = b
    for (const input of module.gains) feeds[inputNameGain(module.path, input)] = channelFeed(module, input, active)
  }
  return feeds
}

function lowRankFeeds({ weight: shape }: AdaptedModule, active: readonly ActiveTerm[], minimumRank: number): [a: Tensor, b: Tensor] {
  const [outputs = 0, ...window] = shape
  const kernel = window.slice(1)
  const inputs = window.reduce((a, b) => a * b, 1)
  const parts = active.flatMap(({ term, weight }) => (term.kind === 'low-rank' ? [{ term, weight }] : []))
  const total = Math.max(
    kernel.length > 0 ? 1 : minimumRank,
    parts.reduce((sum, { term }) => sum + rankOf(term), 0),
  )
  const a = new Float32Array(total * inputs)
  const b = new Float32Array(outputs * total)
  let at = 0
  for (const { term, weight } of parts) {
    const rank = rankOf(term)
    const scale = (weight * term.alpha) / rank
    a.set(term.down.data, at * inputs)
    for (let o = 0; o < outputs; o++) for (let r = 0; r < rank; r++) b[o * total + at + r] = (term.up.data[o * rank + r] ?? 0) * scale
    at += rank
  }
  return [
    { shape: [total, ...window], data: a },
    { shape: [outputs, total, ...kernel.map(() => 1)], data: b },
  ]
}

/** 1 + Σ w(g − 1) of gains, Σ w·by of shifts. */
function channelFeed({ weight: [outputs = 0, inputs = 0] }: AdaptedModule, input: ChannelInput, active: readonly ActiveTerm[]): Tensor {
  const none = input === 'shift' ? 0 : 1
  const data = new Float32Array(input === 'input' ? inputs : outputs).fill(none)
  for (const { term, weight } of active)
    if (isOn(term, input)) for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? none) + weight * ((term.by[i] ?? none) - none)
  return { shape: [data.length], data }
}

/** Whether a term is fed through this input. */
export const isOn = (term: Term, input: ChannelInput): term is Term & { kind: 'gain' | 'shift' } =>
  term.kind === 'gain' ? term.side === input : term.kind === 'shift' && input === 'shift'
