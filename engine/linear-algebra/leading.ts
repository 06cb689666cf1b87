// The leading left singular vectors of a matrix to working precision, by Lanczos' method on A·Aᵀ with every vector held orthogonal to all before it
// (Golub and Van Loan, "Matrix Computations", 10.1 and 10.4): exact where random ranges are not, and far cheaper than to take the matrix apart.
import { randomStream } from '../tensor/philox.ts'
import { checkFinite, zeros, type Matrix } from './matrix.ts'
import { dot, unit, without } from './orthogonal.ts'
import { symmetricEigen } from './svd.ts'

export interface Leading {
  /** The vectors (m) of the largest singular values, largest first; at most `rank`, m and n of them. */
  readonly vectors: readonly Float64Array[]
  /** The largest ‖A·Aᵀ·u − σ²·u‖ / σ₁² of them. */
  readonly residual: number
}

/** Below it the vectors are those of the file to fp32. */
const enough = 1e-11

const random = (draw: number, length: number): Float64Array => Float64Array.from(randomStream(0, 'leading-vectors', draw).normal(length))

/** Throws `matrix-not-finite`. */
export function leadingVectors(a: Matrix, rank: number): Leading {
  checkFinite(a, 'search for its leading vectors')
  const most = a.rows
  const wanted = Math.min(rank, a.rows, a.columns)
  const [basis, diagonal, beside]: [Float64Array[], number[], number[]] = [[], [], []]
  let next = unit(random(0, a.rows))[0]
  for (let steps = Math.min(most, 2 * wanted + 24); ; steps = Math.min(most, Math.ceil(steps * 1.4))) {
    while (basis.length < steps) {
      const image = timesItsTranspose(a, next)
      basis.push(next)
      diagonal.push(dot(next, image))
      const [direction, length] = unit(without(image, basis))
      const lost = length <= 1e-14 * Math.max(...diagonal.map(Math.abs))
      beside.push(lost ? 0 : length)
      // Where the space is closed, from another vector outside of it.
      next = lost ? unit(without(random(basis.length, a.rows), basis))[0] : direction
    }
    const { values, vectors } = symmetricEigen(tridiagonal(diagonal, beside))
    const last = steps === most ? 0 : (beside[steps - 1] ?? 0)
    const largest = values[0] ?? 0
    const off = Array.from({ length: wanted }, (_, r) => Math.abs(last * (vectors.data[(steps - 1) * steps + r] ?? 0)))
    const residual = largest > 0 ? Math.max(0, ...off) / largest : 0
    if (residual <= enough || steps === most)
      return { vectors: Array.from({ length: wanted }, (_, r) => combined(basis, (i) => vectors.data[i * steps + r] ?? 0)), residual }
  }
}

function timesItsTranspose({ rows, columns, data }: Matrix, x: Float64Array): Float64Array {
  const inner = new Float64Array(columns)
  for (let i = 0; i < rows; i++) {
    const factor = x[i] ?? 0
    for (let j = 0; j < columns; j++) inner[j] = (inner[j] as number) + factor * (data[i * columns + j] as number)
  }
  return Float64Array.from({ length: rows }, (_, i) => {
    let sum = 0
    for (let j = 0; j < columns; j++) sum += (data[i * columns + j] as number) * (inner[j] as number)
    return sum
  })
}

function tridiagonal(diagonal: readonly number[], beside: readonly number[]): Matrix {
  const n = diagonal.length
  const t = zeros(n, n)
  for (let i = 0; i < n; i++) {
    t.data[i * n + i] = diagonal[i] ?? 0
    if (i + 1 < n) t.data[i * n + i + 1] = t.data[(i + 1) * n + i] = beside[i] ?? 0
  }
  return t
}

function combined(basis: readonly Float64Array[], by: (i: number) => number): Float64Array {
  const sum = new Float64Array(basis[0]?.length ?? 0)
  for (const [i, vector] of basis.entries()) {
    const factor = by(i)
    for (let k = 0; k < sum.length; k++) sum[k] = (sum[k] as number) + factor * (vector[k] as number)
  }
  return sum
}
