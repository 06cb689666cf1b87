// The SVD of a sum of low-rank products, Σ s·B·A, without forming it: QR of the stacked factors, then the SVD of a core of R × R with R = Σ ranks.
// Exact for unequal ranks, and for convolutions, whose window counts as inputs.
import { stackColumns, stackRows, timesColumns, transpose, type Matrix } from './matrix.ts'
import { product, timesTransposed } from './product.ts'
import { svd, type Svd } from './svd.ts'
import { thinQr } from './thin-qr.ts'

/** s·B·A: B (O, r), A (r, I). */
export interface FactoredTerm {
  readonly up: Matrix
  readonly down: Matrix
  readonly scale: number
}

/**
 * u (O, k), s (k), v (I, k) with Σ s·B·A = u·diag(s)·vᵀ, k = min(Σ r, O, I). Throws `matrix-shape` where the terms are of different layers,
 * `matrix-not-finite`.
 */
export function factoredSvd(terms: readonly FactoredTerm[]): Svd {
  const left = thinQr(stackColumns(terms.map(({ up, scale }) => timesColumns(up, scale))))
  const right = thinQr(transpose(stackRows(terms.map(({ down }) => down))))
  const core = svd(timesTransposed(left.r, right.r))
  return { u: product(left.q, core.u), s: core.s, v: product(right.q, core.v) }
}
