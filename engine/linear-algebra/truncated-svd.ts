// A dense matrix to a rank, or to a share of its energy. Small ones are taken apart whole; of large ones the range is found by random vectors and power
// iterations (Halko, Martinsson and Tropp 2011, "Finding structure with randomness", algorithms 4.4 and 5.1), and the error is measured.
import { randomStream } from '../tensor/philox.ts'
import { firstColumns, squaredNorm, timesColumns, transpose, type Matrix } from './matrix.ts'
import { product, type Multiply } from './product.ts'
import { svd, type Svd } from './svd.ts'
import { thinQr } from './thin-qr.ts'

/** A number of singular values, or the least number that keeps `energy` of Σ σ², up to `most` of them. */
export type Wanted = { readonly rank: number } | { readonly energy: number; readonly most?: number }

export interface Truncated extends Svd {
  /** ‖A − u·diag(s)·vᵀ‖ / ‖A‖ in Frobenius' norm; 0 for a matrix of zeros. */
  readonly error: number
  /** The values are A's own to fp64; else they are found by random vectors, which miss a little where values lie close to each other. */
  readonly exact: boolean
}

export interface TruncatedOptions {
  readonly seed?: number
  readonly multiply?: Multiply
  /** Power iterations where the range is found by random vectors. */
  readonly iterations?: number
}

/** Up to this side the whole SVD takes less than a tenth of a second. */
const small = 128
const oversampling = 10
/** More than published ones need: the spectra of weights fall slowly. */
const powerIterations = 3

/** Throws `matrix-not-finite`. */
export async function truncatedSvd(
  a: Matrix,
  wanted: Wanted,
  { seed = 0, multiply = product, iterations = powerIterations }: TruncatedOptions = {},
): Promise<Truncated> {
  const total = squaredNorm(a)
  const side = Math.min(a.rows, a.columns)
  const most = Math.min(side, 'rank' in wanted ? wanted.rank : (wanted.most ?? side))
  const turned = transpose(a)
  let tried = 'rank' in wanted ? most : Math.min(32, most)
  for (;;) {
    const exact = side <= small || tried + oversampling > side / 2
    const found = exact ? svd(a) : await randomised(a, turned, tried + oversampling, { seed, multiply, iterations })
    const kept = keep(found.s, wanted, most, total)
    // What is found beyond `tried` only steadies the rest.
    if (exact || kept <= tried) return { ...(await measured(a, cut(found, Math.min(kept, most)), total, multiply)), exact }
    if (tried >= most) return { ...(await measured(a, cut(found, most), total, multiply)), exact }
    tried = Math.min(most, tried * 2)
  }
}

function keep(s: Float64Array, wanted: Wanted, most: number, total: number): number {
  if ('rank' in wanted) return most
  let sum = 0
  for (const [i, value] of s.entries()) {
    if (sum >= wanted.energy * total * (1 - 1e-15)) return i
    sum += value * value
  }
  // All that was looked at is not enough, unless there is no more.
  return sum >= wanted.energy * total * (1 - 1e-12) ? s.length : Infinity
}

async function randomised(
  a: Matrix,
  turned: Matrix,
  width: number,
  { seed, multiply, iterations }: Required<TruncatedOptions>,
): Promise<Svd> {
  const random: Matrix = { rows: a.columns, columns: width, data: randomStream(seed, 'truncated-svd', 0).normal(a.columns * width) }
  let { q } = thinQr(await multiply(a, random))
  for (let i = 0; i < iterations; i++) {
    const back = thinQr(await multiply(turned, q))
    q = thinQr(await multiply(a, back.q)).q
  }
  // Aᵀ·Q = V·S·Uᵀ, tall.
  const { u, s, v } = svd(await multiply(turned, q))
  return { u: product(q, v), s, v: u }
}

const cut = ({ u, s, v }: Svd, rank: number): Svd => ({ u: firstColumns(u, rank), s: s.slice(0, rank), v: firstColumns(v, rank) })

async function measured(a: Matrix, found: Svd, total: number, multiply: Multiply): Promise<Svd & { readonly error: number }> {
  if (total === 0) return { ...found, error: 0 }
  // ‖A‖² − Σ σ², since u·uᵀ·A is what is kept; where that is cancelled away, the difference itself.
  const left = total - found.s.reduce((sum, value) => sum + value * value, 0)
  if (left > 1e-8 * total) return { ...found, error: Math.sqrt(left / total) }
  const back = await multiply(timesColumns(found.u, found.s), transpose(found.v))
  let difference = 0
  for (let i = 0; i < a.data.length; i++) difference += ((a.data[i] as number) - (back.data[i] as number)) ** 2
  return { ...found, error: Math.sqrt(difference / total) }
}
