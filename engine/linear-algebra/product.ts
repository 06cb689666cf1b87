// Products of matrices in fp64: dot products of rows, two rows by four at a time, so that each number that is read is used more than once.
import { misfit, transpose, zeros, type Matrix, type Numbers } from './matrix.ts'

/** A·B. Whoever has a faster one, as a runtime, gives it to what multiplies large matrices. */
export type Multiply = (a: Matrix, b: Matrix) => Matrix | Promise<Matrix>

/** A·B. Throws `matrix-shape`. */
export function product(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.rows) throw misfit('multiply', a, b)
  return timesTransposed(a, transpose(b))
}

/** A·Bᵀ. Throws `matrix-shape`. */
export function timesTransposed(a: Matrix, b: Matrix): Matrix {
  if (a.columns !== b.columns) throw misfit('multiply rows of', a, b)
  const out = zeros(a.rows, b.rows)
  for (let from = 0; from < a.columns; from += depth) strip(a, b, 0, from, out)
  return out
}

/** A·Aᵀ, whose halves are alike: half the work. */
export function gram(a: Matrix): Matrix {
  const out = zeros(a.rows, a.rows)
  const n = a.rows
  // Strips of columns, each from the diagonal down.
  for (let j = 0; j < n; j += 8) {
    const [below, own] = [slice(a, j, n), slice(a, j, j + 8)]
    for (let from = 0; from < a.columns; from += depth) strip(below, own, j * n + j, from, out)
  }
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) out.data[i * n + j] = out.data[j * n + i] as number
  return out
}

const slice = ({ rows, columns, data }: Matrix, from: number, to: number): Matrix => {
  const end = Math.min(to, rows)
  return { rows: end - from, columns, data: data.subarray(from * columns, end * columns) }
}

/** Columns of a strip: eight rows of it fit the nearest cache. */
const depth = 512

/** Adds what the columns from `from` give to A·Bᵀ, written from `at` of `out`. */
function strip(a: Matrix, b: Matrix, at: number, from: number, out: Matrix): void {
  const to = Math.min(a.columns, from + depth)
  const [m, n] = [a.rows - (a.rows % 2), b.rows - (b.rows % 4)]
  for (let j = 0; j < n; j += 4) for (let i = 0; i < m; i += 2) tile(a.data, b.data, a.columns, i, j, from, to, out.data, at, out.columns)
  for (let i = 0; i < a.rows; i++)
    for (let j = i < m ? n : 0; j < b.rows; j++) {
      let sum = 0
      for (let k = from; k < to; k++) sum += (a.data[i * a.columns + k] as number) * (b.data[j * a.columns + k] as number)
      const place = at + i * out.columns + j
      out.data[place] = (out.data[place] as number) + sum
    }
}

/** Two rows of A with four of B. Eight sums and six factors fit the registers of a processor. */
function tile(
  a: Numbers,
  b: Numbers,
  width: number,
  i: number,
  j: number,
  from: number,
  to: number,
  out: Numbers,
  at: number,
  stride: number,
): void {
  const [a0, b0] = [i * width, j * width]
  const [a1, b1] = [a0 + width, b0 + width]
  const [b2, b3] = [b1 + width, b1 + 2 * width]
  let s00 = 0
  let s01 = 0
  let s02 = 0
  let s03 = 0
  let s10 = 0
  let s11 = 0
  let s12 = 0
  let s13 = 0
  for (let k = from; k < to; k++) {
    const x0 = a[a0 + k] as number
    const x1 = a[a1 + k] as number
    const y0 = b[b0 + k] as number
    const y1 = b[b1 + k] as number
    const y2 = b[b2 + k] as number
    const y3 = b[b3 + k] as number
    s00 += x0 * y0
    s01 += x0 * y1
    s02 += x0 * y2
    s03 += x0 * y3
    s10 += x1 * y0
    s11 += x1 * y1
    s12 += x1 * y2
    s13 += x1 * y3
  }
  const o = at + i * stride + j
  out[o] = (out[o] as number) + s00
  out[o + 1] = (out[o + 1] as number) + s01
  out[o + 2] = (out[o + 2] as number) + s02
  out[o + 3] = (out[o + 3] as number) + s03
  const p = o + stride
  out[p] = (out[p] as number) + s10
  out[p + 1] = (out[p + 1] as number) + s11
  out[p + 2] = (out[p + 2] as number) + s12
  out[p + 3] = (out[p + 3] as number) + s13
}
