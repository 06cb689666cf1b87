// Strengths at which the adapters of a stack leave each other alone as far as they can, each with its reason.
import { because, type Reason } from '../requests/reason.ts'

export interface Suggestion {
  readonly weight: number
  readonly reason: Reason
}

export interface ToSuggest {
  readonly weights: readonly number[]
  /** ⟨wₐΔWₐ, w_bΔW_b⟩ over all layers, (N, N) row by row; on the diagonal the squared norms. */
  readonly inner: readonly (readonly number[])[]
  /** On each, by each. */
  readonly interference: readonly (readonly number[])[]
}

/** Below this the others' answer is lost beside an adapter's own. */
const mild = 0.1
/** How many times as strong as the mean of those that it meets an adapter may be. */
const uneven = 1.25
/** Cosine to the sum of the others below which an adapter and they undo each other: no strength of either makes both seen. */
const opposed = -0.5

/**
 * Two steps. Those that meet others are brought to the geometric mean of their norms, as none should drown another; then all of these together are made
 * so weak that the norm of their sum is that of the strongest of them before. Adapters that meet no other keep their strength. Signs stay.
 */
export function suggestWeights({ weights, inner, interference }: ToSuggest): Suggestion[] {
  const meets = weights.map(
    (weight, i) => weight !== 0 && weights.some((_, j) => Math.max(at(interference, i, j), at(interference, j, i)) >= mild && j !== i),
  )
  const norms = weights.map((_, i) => Math.sqrt(Math.max(0, at(inner, i, i))))
  const met = weights.flatMap((_, i) => (meets[i] && (norms[i] ?? 0) > 0 ? [i] : []))
  const mean = Math.exp(met.reduce((total, i) => total + Math.log(norms[i] as number), 0) / Math.max(1, met.length))
  // Only the stronger give way: to make one stronger than it was asked to be may burn its pictures.
  const evened = weights.map((_, i) =>
    met.includes(i) && (norms[i] as number) > uneven * mean ? (uneven * mean) / (norms[i] as number) : 1,
  )
  const strongest = Math.max(0, ...met.map((i) => (norms[i] as number) * (evened[i] as number)))
  const together = Math.sqrt(
    Math.max(
      0,
      met.reduce(
        (total, i) => total + met.reduce((part, j) => part + at(inner, i, j) * (evened[i] as number) * (evened[j] as number), 0),
        0,
      ),
    ),
  )
  const level = together > strongest && strongest > 0 ? strongest / together : 1
  return weights.map((weight, i) => {
    if (!met.includes(i))
      return { weight, reason: because('clash-alone', 'No other adapter of the stack disturbs it, and it disturbs none.') }
    const share = (evened[i] as number) * level
    const next = rounded(weight * share)
    const cosine = cosineToOthers(inner, met, i)
    if (Math.abs(next - weight) < 0.02 && cosine < opposed)
      return {
        weight,
        reason: because(
          'clash-opposed',
          'It and the others undo each other (cosine {cosine}); other strengths do not help, one of them has to go.',
          {
            cosine: cosine.toFixed(2),
          },
        ),
      }
    if (Math.abs(next - weight) < 0.02)
      return { weight, reason: because('clash-fits', 'It is about as strong as it should be beside the others.') }
    if ((evened[i] as number) < 1)
      return {
        weight: next,
        reason: because(
          'clash-stronger',
          'It changes the model {times} times as much as the stack does on average, and drowns the others.',
          {
            times: times((norms[i] as number) / mean),
          },
        ),
      }
    return {
      weight: next,
      reason: because('clash-together', 'Together they change the model {times} times as much as the strongest of them alone.', {
        times: times(1 / level),
      }),
    }
  })
}

/** Cosine of what adapter `i` adds to what the others of `met` add together; 0 where they add nothing. */
function cosineToOthers(inner: ToSuggest['inner'], met: readonly number[], i: number): number {
  const others = met.filter((j) => j !== i)
  const sum = (rows: readonly number[]) => rows.reduce((total, j) => total + others.reduce((part, k) => part + at(inner, j, k), 0), 0)
  const [own, theirs] = [at(inner, i, i), sum(others)]
  return own > 0 && theirs > 0 ? sum([i]) / Math.sqrt(own * theirs) : 0
}

const at = (matrix: readonly (readonly number[])[], i: number, j: number): number => matrix[i]?.[j] ?? 0
const rounded = (weight: number): number => Math.round(weight * 20) / 20 || 0.05 * Math.sign(weight)
const times = (value: number): string => value.toFixed(1)
