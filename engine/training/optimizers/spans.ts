// Optimizers that move each parameter by what is known of it alone, or of a few neighbours: they work on one stretch of θ after the other, so that what
// they keep may lie in memory or be brought in piece by piece.
import { vectorOver, vectorBytes, type Vector, type VectorType } from '../../tensor/vectors.ts'
import type { OptimizerState } from './optimizer.ts'

/** A vector that is kept: of which type, and one number for how many parameters. */
export interface Kept {
  readonly type: VectorType
  readonly per: number
}

export interface SpanRule {
  /** By the names under which checkpoints hold them. */
  readonly kept: Readonly<Record<string, Kept>>
  /** Updates a stretch in place: its parameters, their gradient, and what is kept of them. */
  update(theta: Float32Array, gradient: Float32Array, kept: Readonly<Record<string, Vector>>, at: { lr: number; step: number }): void
}

/** Parameters [from, to) that one rule moves, at the learning rate times `rate`. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly rate: number
  readonly rule: SpanRule
}

/** A span, or a part of one, with the place of its numbers in each vector. */
export interface Placed extends Span {
  readonly at: Readonly<Record<string, readonly [from: number, to: number]>>
}

/** Numbers of a vector that belong to so many parameters. */
const numbers = (parameters: number, per: number): number => Math.ceil(parameters / per)

/** Each span's numbers lie behind those of the span before it, in every vector. */
export function placed(spans: readonly Span[]): readonly Placed[] {
  const ends = new Map<string, number>()
  return spans.map((span) => {
    const at = Object.entries(span.rule.kept).map(([name, { per }]) => {
      const begin = ends.get(name) ?? 0
      const end = begin + numbers(span.to - span.from, per)
      ends.set(name, end)
      return [name, [begin, end]] as const
    })
    return { ...span, at: Object.fromEntries(at) }
  })
}

/** Types and lengths of all vectors. */
export function vectorsOf(all: readonly Placed[]): Readonly<Record<string, { readonly type: VectorType; readonly length: number }>> {
  const lengths: Record<string, { type: VectorType; length: number }> = {}
  for (const { rule, at } of all)
    for (const [name, [, length]] of Object.entries(at)) lengths[name] = { type: (rule.kept[name] as Kept).type, length }
  return lengths
}

/** The part that begins `from` parameters into a span, and is `length` long. `from` is a multiple of what rules keep one number for. */
export function partOf(span: Placed, from: number, length: number): Placed {
  const at = Object.entries(span.at).map(([name, [begin]]) => {
    const { per } = span.rule.kept[name] as Kept
    return [name, [begin + from / per, begin + from / per + numbers(length, per)]] as const
  })
  return { ...span, from: span.from + from, to: span.from + from + length, at: Object.fromEntries(at) }
}

/** Bytes of all that a rule keeps of so many parameters. */
export const keptBytes = ({ kept }: SpanRule, parameters: number): number =>
  Object.values(kept).reduce((sum, { type, per }) => sum + numbers(parameters, per) * vectorBytes(type), 0)

/** Everything in memory. */
export function inMemory(spans: readonly Span[]): OptimizerState {
  const all = placed(spans)
  const made = Object.entries(vectorsOf(all)).map(
    ([name, { type, length }]) => [name, vectorOver(type, new Uint8Array(length * vectorBytes(type)))] as const,
  )
  const vectors = Object.fromEntries(made)
  const steps = all.map((span) => {
    const kept = Object.entries(span.at).map(([name, [begin, end]]) => [name, (vectors[name] as Vector).subarray(begin, end)] as const)
    return { ...span, kept: Object.fromEntries(kept) }
  })
  return {
    vectors,
    update(theta, gradient, { lr, step }) {
      for (const { from, to, rate, rule, kept } of steps)
        rule.update(theta.subarray(from, to), gradient.subarray(from, to), kept, { lr: lr * rate, step })
    },
  }
}
