// Zhang et al. 2023, "AdaLoRA" (arXiv 2303.10512), as peft's RankAllocator computes it: how much each triplet of ΔW = P·Λ·Q matters, and how many may stay.
// A triplet k of a layer is a singular value E_k with its row of A (Q) and its column of B (P).
import type { Tensor } from '../tensor/tensor.ts'
import type { Views } from './plan.ts'

/** A of (R, …), E of (R, 1), B of (O, R, …). */
export type Triplets<T> = Readonly<Record<'a' | 'e' | 'b', T>>

export interface BudgetOptions {
  readonly rank: number
  readonly targetRank: number
  readonly steps: number
  readonly tinit: number
  readonly tfinal: number
  readonly deltaT: number
}

/** How many triplets of `layers` layers may stay at a step, counted from 1, and whether they are chosen anew then: a cubic course between two waits. */
export function budgetAt(step: number, layers: number, options: BudgetOptions): { readonly budget: number; readonly chosen: boolean } {
  const { rank, targetRank, steps, tinit, tfinal, deltaT } = options
  const [initial, target] = [rank * layers, targetRank * layers]
  if (step <= tinit) return { budget: initial, chosen: false }
  const end = steps - tfinal
  if (step >= end) return { budget: target, chosen: step === end }
  const left = 1 - (step - tinit) / (end - tinit)
  return { budget: Math.floor((initial - target) * left ** 3 + target), chosen: step % deltaT === 0 }
}

export interface Importance {
  /** Ī and Ū of every number, in the order of `of`. */
  readonly sensitivity: Float32Array
  readonly uncertainty: Float32Array
}

/** I = |w·∂L/∂w|, Ī ← β₁·Ī + (1−β₁)·I, Ū ← β₂·Ū + (1−β₂)·|I − Ī|, for every number of these tensors; `theta` as the optimizer left it. */
export function updateImportance(
  { sensitivity, uncertainty }: Importance,
  { theta, gradient }: { readonly theta: Views; readonly gradient: Views },
  names: readonly string[],
  { beta1, beta2 }: { readonly beta1: number; readonly beta2: number },
): void {
  let at = 0
  for (const name of names) {
    const [w, g] = [theta[name]?.data ?? [], gradient[name]?.data ?? []]
    for (let i = 0; i < w.length; i++, at++) {
      const now = Math.abs((w[i] ?? 0) * (g[i] ?? 0))
      const mean = beta1 * (sensitivity[at] ?? 0) + (1 - beta1) * now
      sensitivity[at] = mean
      uncertainty[at] = beta2 * (uncertainty[at] ?? 0) + (1 - beta2) * Math.abs(now - mean)
    }
  }
}

/** Of each triplet of each layer, whose A, E and B lie one behind the other: Ī·Ū of E, and its means over the row of A and the column of B. */
export function tripletScores({ sensitivity, uncertainty }: Importance, layers: readonly Triplets<Tensor>[]): number[] {
  const score = (i: number): number => (sensitivity[i] ?? 0) * (uncertainty[i] ?? 0)
  let from = 0
  return layers.flatMap(({ a, e, b }) => {
    const rank = e.data.length
    const [width, outputs] = [a.data.length / rank, b.data.length / rank]
    const [fromA, fromE, fromB] = [from, from + a.data.length, from + a.data.length + rank]
    from = fromB + b.data.length
    return Array.from({ length: rank }, (_, k) => {
      let [row, column] = [0, 0]
      for (let j = 0; j < width; j++) row += score(fromA + k * width + j)
      for (let o = 0; o < outputs; o++) column += score(fromB + o * rank + k)
      return score(fromE + k) + row / width + column / outputs
    })
  })
}

/** 1 for each triplet that falls so that `budget` of them stay, else 0; those that score alike fall together, as in peft. */
export function fallen(scores: readonly number[], budget: number): readonly number[] {
  const threshold = scores.toSorted((x, y) => x - y)[scores.length - budget - 1] ?? -1
  return scores.map((score) => (score <= threshold ? 1 : 0))
}

/** The pair that says exactly what the triplets do that stay: down = their rows of A, up = B·diag(E)·scale. Nothing where none does. */
export function plainPair({ a, e, b }: Triplets<Tensor>, scale: number, stays: (k: number) => boolean) {
  const rank = e.data.length
  const kept = Array.from({ length: rank }, (_, k) => k).filter(stays)
  if (kept.length === 0) return undefined
  const [, ...window] = a.shape
  const [outputs = 0, , ...ones] = b.shape
  const [width, own] = [a.data.length / rank, kept.length]
  const [down, up] = [new Float32Array(own * width), new Float32Array(outputs * own)]
  for (const [i, k] of kept.entries()) {
    down.set(a.data.subarray(k * width, (k + 1) * width), i * width)
    for (let o = 0; o < outputs; o++) up[o * own + i] = (b.data[o * rank + k] ?? 0) * (e.data[k] ?? 0) * scale
  }
  // Alpha as large as the rank: the scale is in `up`.
  return { down: { shape: [own, ...window], data: down }, up: { shape: [outputs, own, ...ones], data: up }, alpha: own }
}
