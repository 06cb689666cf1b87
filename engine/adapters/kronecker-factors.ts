// The factors of a LoKr module, ΔW = s · w₁ ⊗ w₂: w₁ (a, c) or its halves (a, R) and (R, c); w₂ (b, d, k, k) or its halves, with or without a middle
// tensor. O = a·b, I = c·d.
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import type { AdapterModule } from './adapter.ts'
import { identity, kindOf, kronecker, product, termOf, throughMiddle, transposed } from './products.ts'
import type { Change } from './term.ts'

type Role = 'w1' | 'w1a' | 'w1b' | 'w2' | 'w2a' | 'w2b' | 'w2t' | 'magnitude'
export type Factors = Readonly<Partial<Record<Role, Tensor>>>

export const factorsOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Factors => tensors

/** That of the second factor where it is a product, else of the first; undefined where both are whole. */
export function factorRank(module: Pick<AdapterModule, 'tensors'>): number | undefined {
  const { w1b, w2b } = factorsOf(module)
  return (w2b ?? w1b)?.shape[0]
}

export interface FactorShapes {
  readonly first: readonly [a: number, c: number]
  readonly second: readonly [b: number, d: number]
  /** k·k. */
  readonly window: number
}

export function factorShapes(module: Pick<AdapterModule, 'tensors'>): FactorShapes {
  const { w1, w1a, w1b, w2, w2a, w2b, w2t } = factorsOf(module)
  const at = (tensor: Tensor | undefined, i: number): number => tensor?.shape[i] ?? 0
  return {
    first: w1 ? [at(w1, 0), at(w1, 1)] : [at(w1a, 0), at(w1b, 1)],
    second: [w2 ? at(w2, 0) : at(w2a, w2t ? 1 : 0), at(w2 ?? w2b, 1)],
    window: elementCount((w2 ?? w2t ?? w2b)?.shape.slice(2) ?? []),
  }
}

/** How many ranks the pair takes that says it, where the second factor is a product. */
function pairRank(module: Pick<AdapterModule, 'tensors'>): number | undefined {
  const { w1b, w2b } = factorsOf(module)
  const { first } = factorShapes(module)
  const own = Math.min(...first, w1b?.shape[0] ?? Infinity)
  return w2b && own * (w2b.shape[0] ?? 0)
}

export function factorKind(module: Pick<AdapterModule, 'tensors'>): 'low-rank' | 'dense' {
  const { first, second, window } = factorShapes(module)
  const rank = pairRank(module)
  return rank === undefined ? 'dense' : kindOf(rank, first[0] * second[0], first[1] * second[1] * window)
}

/** ΔW for a weight of `shape`: (P ⊗ w₂ₐ) · (Q ⊗ w₂ᵦ) with w₁ = P·Q. */
export function factorTerm(module: AdapterModule, shape: readonly number[]): Change {
  const { w1, w1a, w1b, w2, w2a, w2b, w2t } = factorsOf(module)
  const scale = module.alpha / (factorRank(module) ?? 1)
  const { first } = factorShapes(module)
  const whole = (): Tensor => w1 ?? product(w1a as Tensor, w1b as Tensor)
  if (!w2a || !w2b) {
    const delta = kronecker(whole(), w2 as Tensor)
    return { kind: 'dense', delta: { shape, data: delta.data.map((value) => value * scale) } }
  }
  const [outer, inner] = w2t ? [transposed(w2a), throughMiddle(w2t, w2b)] : [w2a, w2b]
  const [p, q] = splitFirst(first, w1a, w1b, whole)
  return termOf(kronecker(p, outer), kronecker(q, inner), scale, shape)
}

/** w₁ = P·Q, as thin as it goes. */
function splitFirst(
  [a, c]: readonly [number, number],
  w1a: Tensor | undefined,
  w1b: Tensor | undefined,
  whole: () => Tensor,
): readonly [Tensor, Tensor] {
  if (w1a && w1b && (w1b.shape[0] ?? 0) <= Math.min(a, c)) return [w1a, w1b]
  return c <= a ? [whole(), identity(c)] : [identity(a), whole()]
}
