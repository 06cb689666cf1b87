// A stack as inputs of the graph: ranks concatenated, weights and scales multiplied into B, gains added up. Exact for any mix of ranks.
import { regionInputs } from '../nn/regions.ts'
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
  /** Whether it is told which group each rank belongs to. */
  readonly regional?: boolean
}

/**
 * Feeds for every adapted module: A (R, I) and B (O, R), for a convolution (R, I, k, k) and (O, R, 1, 1), with R = Σ ranks, at least `minimumRank`:
 * missing ranks are zeros. Where nothing is active R is 0, and 1 for a convolution, which no runtime knows without channels. A gain is (O) or (I), a shift (O).
 */
export function stackFeeds(terms: ActiveTerms, adapted: readonly AdaptedModule[], minimumRank = 0, groups = 1): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {}
  // All B in one piece of memory: a hundred small ones would wake the collector.
  const ranks = adapted.map((module) => totalRank(module, terms.get(module.path) ?? [], minimumRank))
  const all = new Float32Array(adapted.reduce((sum, { weight: [outputs = 0] }, i) => sum + outputs * (ranks[i] ?? 0), 0))
  let at = 0
  for (const [i, module] of adapted.entries()) {
    const active = terms.get(module.path) ?? []
    const total = ranks[i] ?? 0
    const size = (module.weight[0] ?? 0) * total
    const [a, b] = lowRankFeeds(module, active, total, all.subarray(at, at + size))
    at += size
    feeds[inputNameA(module.path)] = a
    feeds[inputNameB(module.path)] = b
    if (module.regional) feeds[regionInputs.ranks(module.path)] = groupsOfRanks(active, total, groups)
    for (const input of module.gains) feeds[inputNameGain(module.path, input)] = channelFeed(module, input, active)
  }
  return feeds
}

const lowRank = (active: readonly ActiveTerm[]) =>
  active.flatMap(({ term, weight, group = 0 }) => (term.kind === 'low-rank' ? [{ term, weight, group }] : []))

/** (G, R): a one in the row of each rank's group; ranks of zeros are of the first. */
function groupsOfRanks(active: readonly ActiveTerm[], total: number, groups: number): Tensor {
  const data = new Float32Array(groups * total)
  const of = lowRank(active).flatMap(({ term, group }) => Array<number>(rankOf(term)).fill(group))
  for (let r = 0; r < total; r++) data[(of[r] ?? 0) * total + r] = 1
  return { shape: [groups, total], data }
}

/** Σ ranks, at least `minimumRank`, and 1 for a convolution. */
function totalRank({ weight }: AdaptedModule, active: readonly ActiveTerm[], minimumRank: number): number {
  return Math.max(
    weight.length > 2 ? 1 : minimumRank,
    lowRank(active).reduce((sum, { term }) => sum + rankOf(term), 0),
  )
}

/** `b`: zeros, which are written over. */
function lowRankFeeds(
  { weight: shape }: AdaptedModule,
  active: readonly ActiveTerm[],
  total: number,
  b: Float32Array,
): [a: Tensor, b: Tensor] {
  const [outputs = 0, ...window] = shape
  const kernel = window.slice(1)
  const inputs = window.reduce((a, b) => a * b, 1)
  const parts = lowRank(active)
  let at = 0
  for (const { term, weight } of parts) {
    const rank = rankOf(term)
    scaledInto(b, term.up.data, { columns: total, at, rank, scale: (weight * term.alpha) / rank })
    at += rank
  }
  return [
    {
      shape: [total, ...window],
      data: joinedDown(
        parts.map(({ term }) => term.down.data),
        total * inputs,
      ),
    },
    { shape: [outputs, total, ...kernel.map(() => 1)], data: b },
  ]
}

interface Columns {
  readonly columns: number
  /** The first of `rank` columns. */
  readonly at: number
  readonly rank: number
  readonly scale: number
}

/** scale · up (O, rank) as columns of b (O, columns). */
function scaledInto(b: Float32Array, up: Float32Array, { columns, at, rank, scale }: Columns): void {
  for (let from = 0, to = at; from < up.length; from += rank, to += columns)
    for (let r = 0; r < rank; r++) b[to + r] = (up[from + r] as number) * scale
}

/** Of one part of a stack: what it was last joined with. */
const joinedBefore = new WeakMap<Float32Array, { readonly downs: readonly Float32Array[]; readonly a: Float32Array }>()

/** Ranks one below the other, zeros after them. No strength is in them, so that a stack whose strengths are changed has them from before. */
function joinedDown(downs: readonly Float32Array[], length: number): Float32Array {
  const [first] = downs
  const before = first && joinedBefore.get(first)
  if (before?.a.length === length && before.downs.length === downs.length && before.downs.every((down, i) => down === downs[i]))
    return before.a
  const a = new Float32Array(length)
  let at = 0
  for (const down of downs) {
    a.set(down, at)
    at += down.length
  }
  if (first) joinedBefore.set(first, { downs, a })
  return a
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
