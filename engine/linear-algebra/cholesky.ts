// Cholesky's root of a Gram matrix, also of one without full rank: a row that the rows before it make up gets zeros.
import { zeros, type Matrix } from './matrix.ts'

/** What is left of a row, as a share of it, below which it counts as made up of those before it. */
const negligible = 1e-12

/** G = L·Lᵀ, L lower triangular, for a symmetric G without negative eigenvalues. */
export function lowerRoot({ rows: n, data }: Matrix): Matrix {
  const root = zeros(n, n)
  const l = root.data
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let left = data[i * n + j] as number
      for (let k = 0; k < j; k++) left -= (l[i * n + k] as number) * (l[j * n + k] as number)
      const pivot = l[j * n + j] as number
      if (j < i) l[i * n + j] = pivot > 0 ? left / pivot : 0
      else l[i * n + i] = left > negligible * (data[i * n + i] as number) ? Math.sqrt(left) : 0
    }
  return root
}

/** X·L⁻¹ for a lower triangular L; what a zero on its diagonal leaves open is 0. */
export function rowsThrough(x: Matrix, { rows: n, data: l }: Matrix): Matrix {
  const out = zeros(x.rows, n)
  for (let r = 0; r < x.rows; r++)
    for (let j = n - 1; j >= 0; j--) {
      const pivot = l[j * n + j] as number
      if (pivot === 0) continue
      let left = x.data[r * n + j] as number
      for (let k = j + 1; k < n; k++) left -= (out.data[r * n + k] as number) * (l[k * n + j] as number)
      out.data[r * n + j] = left / pivot
    }
  return out
}
