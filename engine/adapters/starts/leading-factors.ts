// The largest singular values of a layer's weight with their vectors, by which some starts begin.
import { z } from 'zod'
import { leadingVectors } from '../../linear-algebra/leading.ts'
import type { Matrix } from '../../linear-algebra/matrix.ts'
import { product } from '../../linear-algebra/product.ts'
import { truncatedSvd } from '../../linear-algebra/truncated-svd.ts'
import { weightOf, type StartAt } from './start.ts'

export const svdOptions = z.object({
  iterations: z.int().min(0).max(32).default(0).meta({
    description: 'power iterations of a randomised decomposition; 0 for the exact one',
    step: 1,
  }),
})

export interface LeadingFactors {
  /** (O, r): left singular vectors. */
  readonly u: Matrix
  /** (r): largest first. */
  readonly s: Float64Array
  /** (r, I): right singular vectors. */
  readonly vt: Matrix
}

/** Up to `rank` of them. Throws `matrix-not-finite`. */
export async function leadingFactors(
  base: StartAt['base'],
  rank: number,
  { iterations }: z.output<typeof svdOptions>,
): Promise<LeadingFactors> {
  const { w, turned } = await weightOf(base)
  if (iterations > 0) {
    const { u, s, v } = await truncatedSvd(w, { rank }, { iterations })
    return { u, s, vt: { rows: v.columns, columns: v.rows, data: columnsOf(v) } }
  }
  // Of the shorter side.
  const wide = w.rows <= w.columns
  const { vectors } = leadingVectors(wide ? w : turned, rank)
  const own = stacked(vectors)
  const image = product(own, wide ? w : turned)
  const s = Float64Array.from({ length: image.rows }, (_, r) =>
    Math.hypot(...image.data.subarray(r * image.columns, (r + 1) * image.columns)),
  )
  const other: Matrix = { ...image, data: image.data.map((x, i) => x / (s[Math.floor(i / image.columns)] || 1)) }
  const [left, right] = wide ? [own, other] : [other, own]
  return { u: { rows: left.columns, columns: left.rows, data: columnsOf(left) }, s, vt: right }
}

const stacked = (rows: readonly Float64Array[]): Matrix => {
  const columns = rows[0]?.length ?? 0
  const data = new Float64Array(rows.length * columns)
  rows.forEach((row, i) => data.set(row, i * columns))
  return { rows: rows.length, columns, data }
}

/** The transposed values. */
function columnsOf({ rows, columns, data }: Matrix): Float64Array {
  const out = new Float64Array(data.length)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j] as number
  return out
}
