// The nearest product of thin matrices to a change of a weight: to a rank, or to a share of its energy.
import { factoredSvd } from '../linear-algebra/factored-svd.ts'
import { firstColumns, squaredNorm, timesColumns, transpose, type Matrix } from '../linear-algebra/matrix.ts'
import type { Multiply } from '../linear-algebra/product.ts'
import type { Svd } from '../linear-algebra/svd.ts'
import { truncatedSvd } from '../linear-algebra/truncated-svd.ts'
import { isFactors, type Factors } from './factors.ts'

export interface RankWanted {
  readonly rank?: number | undefined
  /** Share of the squared norm. */
  readonly energy?: number | undefined
}

export interface AtRank {
  readonly factors: Factors
  /** Singular values of what it was made of, as far as they were looked at; falling. */
  readonly spectrum: Float64Array
  /** Squared norm of what it was made of, and of the factors. */
  readonly total: number
  readonly kept: number
}

/** Singular values beside the largest that are nothing but rounding of fp32. */
const rounding = 1e-7

/** `kept` leaves thin factors as they are. Throws `matrix-not-finite`. */
export async function atRank(change: Factors | Matrix, wanted: RankWanted | 'kept', multiply?: Multiply): Promise<AtRank> {
  if (!isFactors(change)) return ofMatrix(change, wanted === 'kept' ? {} : wanted, multiply)
  const found = factoredSvd([{ ...change, scale: 1 }])
  const total = energyOf(found.s)
  if (wanted === 'kept') return { factors: change, spectrum: found.s, total, kept: total }
  const rank = rankFor(found.s, total, wanted)
  return { factors: balanced(found, rank), spectrum: found.s, total, kept: energyOf(found.s.subarray(0, rank)) }
}

async function ofMatrix(change: Matrix, { rank, energy }: RankWanted, multiply: Multiply | undefined): Promise<AtRank> {
  const most = rank ?? Math.min(change.rows, change.columns)
  const found = await truncatedSvd(change, energy === undefined ? { rank: most } : { energy, most }, multiply ? { multiply } : {})
  const total = squaredNorm(change)
  const least = rankFor(found.s, total, { rank, energy })
  return { factors: balanced(found, least), spectrum: found.s, total, kept: energyOf(found.s.subarray(0, least)) }
}

const energyOf = (s: Float64Array): number => s.reduce((sum, value) => sum + value * value, 0)

/** The least rank that keeps the share, within the limit and without what is rounding alone. */
export function rankFor(s: Float64Array, total: number, { rank = Infinity, energy = 1 }: RankWanted): number {
  const real = s.findIndex((value) => value <= (s[0] ?? 0) * rounding)
  const most = Math.min(rank, real < 0 ? s.length : real)
  if (energy >= 1) return most
  let sum = 0
  for (let i = 0; i < most; i++) {
    if (sum >= energy * total) return i
    sum += (s[i] as number) ** 2
  }
  return most
}

/** U·√S and √S·Vᵀ: numbers of the same size on both sides lose the least in half precision. */
function balanced({ u, s, v }: Svd, rank: number): Factors {
  const roots = s.subarray(0, rank).map(Math.sqrt)
  return { up: timesColumns(firstColumns(u, rank), roots), down: transpose(timesColumns(firstColumns(v, rank), roots)) }
}
