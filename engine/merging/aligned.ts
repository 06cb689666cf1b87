// What several adapters do along the directions that they have in common.
import { firstColumns, stackColumns, transpose, zeros, type Matrix } from '../linear-algebra/matrix.ts'
import { product, timesTransposed } from '../linear-algebra/product.ts'
import { svd } from '../linear-algebra/svd.ts'
import { thinQr } from '../linear-algebra/thin-qr.ts'
import type { Part } from './layer.ts'
import { factorsOf } from './subspaces.ts'

/** Of KnOTS, whose adapters are larger, 1e-5 on the scale of the numbers; this is on the scale of the largest. */
const rounding = 1e-6

/**
 * [ΔW₁ … ΔWₙ] = U·[S·V₁ᵀ … S·Vₙᵀ]: U (O, R), and each adapter's slice S·Vᵢᵀ = Uᵀ·ΔWᵢ (R, I) as numbers that may be changed. Strengths are not
 * counted in.
 */
export function alignedSlices(parts: readonly Part[]): { readonly up: Matrix; readonly slices: readonly Float32Array[] } {
  const all = parts.map(factorsOf)
  const left = thinQr(stackColumns(all.map(({ up }) => up)))
  // Aᵢ = Lᵢ·Qᵢᵀ, so that side by side the Lᵢ stand on the diagonal of the core.
  const lower = all.map(({ down }) => transpose(thinQr(transpose(down)).r))
  const { u, s } = svd(product(left.r, onDiagonal(lower)))
  const real = s.findIndex((value) => value <= (s[0] ?? 0) * rounding)
  const up = firstColumns(product(left.q, u), real < 0 ? s.length : real)
  const slices = all.map((factors) => Float32Array.from(product(timesTransposed(transpose(up), transpose(factors.up)), factors.down).data))
  return { up, slices }
}

function onDiagonal(blocks: readonly Matrix[]): Matrix {
  const out = zeros(
    blocks.reduce((sum, { rows }) => sum + rows, 0),
    blocks.reduce((sum, { columns }) => sum + columns, 0),
  )
  let [row, column] = [0, 0]
  for (const { rows, columns, data } of blocks) {
    for (let i = 0; i < rows; i++) out.data.set(data.subarray(i * columns, (i + 1) * columns), (row + i) * out.columns + column)
    row += rows
    column += columns
  }
  return out
}
