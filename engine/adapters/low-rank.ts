// Products of two thin matrices, never formed unless they are added to a weight: s·B·A with s = alpha / R. R rank, I inputs, O outputs.
import type { Tensor } from '../tensor/tensor.ts'

/** ΔW = (alpha / R) · up · down. */
export interface LowRank {
  /** A: (R, I), or (R, I, k, k) for a convolution. */
  readonly down: Tensor
  /** B: (O, R), or (O, R, 1, 1) for a convolution. */
  readonly up: Tensor
  readonly alpha: number
}

export const rankOf = ({ down }: Pick<LowRank, 'down'>): number => down.shape[0] ?? 0

/** weight · (alpha / R) · up · down, added onto `base` (O, I…) in place: for any kernel size. */
export function addLowRank(base: Float32Array, { down, up, alpha }: LowRank, weight: number): void {
  const rank = rankOf({ down })
  const inputs = down.data.length / rank
  const outputs = up.data.length / rank
  const scale = (weight * alpha) / rank
  for (let o = 0; o < outputs; o++)
    for (let r = 0; r < rank; r++) {
      const factor = (up.data[o * rank + r] ?? 0) * scale
      if (factor === 0) continue
      for (let i = 0; i < inputs; i++) base[o * inputs + i] = (base[o * inputs + i] ?? 0) + factor * (down.data[r * inputs + i] ?? 0)
    }
}

/** ‖[sB, −s′B′] · [A; A′]‖ / ‖sBA‖, from the small Gram matrices: ‖BA‖² = tr(BᵀB · AAᵀ). */
export function lowRankDistance(a: LowRank, b: LowRank): number {
  const own = product(a, a)
  const squared = own - 2 * product(a, b) + product(b, b)
  return Math.sqrt(Math.max(squared, 0) / Math.max(own, Number.MIN_VALUE))
}

/** alpha / R, also where R is 0. */
export const scaleOf = (pair: LowRank): number => pair.alpha / Math.max(rankOf(pair), 1)

/** ⟨ΔW_a, ΔW_b⟩ = s·t · Σ_ij (B_aᵀB_b)_ij (A_a A_bᵀ)_ij. */
function product(a: LowRank, b: LowRank): number {
  const [ra, rb] = [rankOf(a), rankOf(b)]
  const inputs = a.down.data.length / ra
  const outputs = a.up.data.length / ra
  let sum = 0
  for (let i = 0; i < ra; i++)
    for (let j = 0; j < rb; j++) {
      let down = 0
      for (let k = 0; k < inputs; k++) down += (a.down.data[i * inputs + k] ?? 0) * (b.down.data[j * inputs + k] ?? 0)
      let up = 0
      for (let o = 0; o < outputs; o++) up += (a.up.data[o * ra + i] ?? 0) * (b.up.data[o * rb + j] ?? 0)
      sum += down * up
    }
  return sum * scaleOf(a) * scaleOf(b)
}
