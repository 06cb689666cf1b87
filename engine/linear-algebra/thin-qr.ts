// Thin QR by Householder reflections (Golub and Van Loan, "Matrix Computations", 5.2): stable also where columns depend on each other, as those of an
// adapter's untrained layers do. Columns lie in a row each, so that every reflection runs along memory.
import { checkFinite, transpose, zeros, type Matrix, type Numbers } from './matrix.ts'

export interface ThinQr {
  /** (m, k) with k = min(m, n): orthonormal columns. */
  readonly q: Matrix
  /** (k, n), zero below its diagonal. */
  readonly r: Matrix
}

/** A = Q·R for A (m, n). Throws `matrix-not-finite`. */
export function thinQr(a: Matrix): ThinQr {
  checkFinite(a, 'QR decomposition')
  const [m, n] = [a.rows, a.columns]
  const k = Math.min(m, n)
  const columns = Float64Array.from(transpose(a).data)
  const lengths = new Float64Array(k)
  const r = zeros(k, n)
  for (let i = 0; i < k; i++) {
    const own = columns.subarray(i * m + i, (i + 1) * m)
    const above = columns.subarray(i * m, i * m + i)
    for (let j = 0; j < i; j++) r.data[j * n + i] = above[j] as number
    const norm = Math.sqrt(dot(own, own))
    const first = own[0] as number
    // Away from the first entry, so that nothing is cancelled.
    const pivot = first > 0 ? -norm : norm
    r.data[i * n + i] = pivot
    own[0] = first - pivot
    lengths[i] = dot(own, own)
    for (let j = i + 1; j < n; j++) reflect(columns.subarray(j * m + i, (j + 1) * m), own, lengths[i] as number)
  }
  for (let j = k; j < n; j++) for (let i = 0; i < k; i++) r.data[i * n + j] = columns[j * m + i] as number
  return { q: transpose(orthonormal(columns, lengths, m, k)), r }
}

/** The reflections, last first, of the first k unit vectors: a row each. */
function orthonormal(reflections: Float64Array, lengths: Float64Array, m: number, k: number): Matrix {
  const out = zeros(k, m)
  for (let j = 0; j < k; j++) {
    out.data[j * m + j] = 1
    for (let i = j; i >= 0; i--)
      reflect(out.data.subarray(j * m + i, (j + 1) * m), reflections.subarray(i * m + i, (i + 1) * m), lengths[i] as number)
  }
  return out
}

/** x − 2·v·(v·x) / v·v; v = 0 leaves it. */
function reflect(x: Numbers, v: Numbers, length: number): void {
  if (length === 0) return
  const by = (2 * dot(v, x)) / length
  for (let i = 0; i < x.length; i++) x[i] = (x[i] as number) - by * (v[i] as number)
}

/** Four sums side by side: one alone would wait for itself. */
function dot(a: Numbers, b: Numbers): number {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  let i = 0
  for (; i + 3 < a.length; i += 4) {
    s0 += (a[i] as number) * (b[i] as number)
    s1 += (a[i + 1] as number) * (b[i + 1] as number)
    s2 += (a[i + 2] as number) * (b[i + 2] as number)
    s3 += (a[i + 3] as number) * (b[i + 3] as number)
  }
  for (; i < a.length; i++) s0 += (a[i] as number) * (b[i] as number)
  return s0 + s1 + s2 + s3
}
