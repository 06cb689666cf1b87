// Singular vectors of adapters and what they span, from their thin factors: no ΔW is formed, ranks may differ.
import { factoredSvd } from '../linear-algebra/factored-svd.ts'
import { diagonal, firstColumns, transpose, type Matrix } from '../linear-algebra/matrix.ts'
import { product, timesTransposed } from '../linear-algebra/product.ts'
import { svd, type Svd } from '../linear-algebra/svd.ts'
import type { Factors } from './factors.ts'
import type { Part } from './layer.ts'

/** Singular values beside the largest that are nothing but rounding. */
const rounding = 1e-6

/** A part as factors; a whole ΔW is the product of itself and an identity, which is exact, and slow on large layers. */
export function factorsOf({ factors, delta }: Pick<Part, 'factors' | 'delta'>): Factors {
  if (factors) return factors
  const whole = delta()
  const ones = (size: number): Matrix => diagonal(new Float64Array(size).fill(1))
  return whole.rows <= whole.columns ? { up: ones(whole.rows), down: whole } : { up: whole, down: ones(whole.columns) }
}

/** The SVD of Σ w·ΔW, without what is rounding. */
export function svdOf(all: readonly (readonly [factors: Factors, weight: number])[]): Svd {
  return within(factoredSvd(all.map(([factors, scale]) => ({ ...factors, scale }))))
}

/** Its first singular triplets. */
export const firstOf = ({ u, s, v }: Svd, count: number): Svd => ({
  u: firstColumns(u, count),
  s: s.slice(0, count),
  v: firstColumns(v, count),
})

function within(found: Svd): Svd {
  const small = found.s.findIndex((value) => value <= (found.s[0] ?? 0) * rounding)
  return small < 0 ? found : firstOf(found, small)
}

/** The nearest matrix of orthonormal columns, U·Vᵀ of its SVD; columns that depend on each other share a direction. */
export function orthogonalised(a: Matrix): Matrix {
  const { u, v } = within(svd(a))
  return timesTransposed(u, v)
}

/** Orthonormal columns that span the same. */
export const basisOf = (a: Matrix): Matrix => within(svd(a)).u

/** A − Q·Qᵀ·A for orthonormal columns Q. */
export function projectedOff(a: Matrix, q: Matrix): Matrix {
  const inside = product(q, product(transpose(q), a))
  return { ...a, data: Float64Array.from(a.data, (value, i) => value - (inside.data[i] as number)) }
}
