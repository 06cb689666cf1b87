// Matrices in plain memory, row by row, and what is done to one before it goes into a decomposition. fp32 is read as it is; results are fp64.
import { PigmentError } from '../requests/error.ts'
import type { Tensor } from '../tensor/tensor.ts'

export type Numbers = Float32Array | Float64Array

/** Row-major: `data.length` is rows · columns. */
export interface Matrix {
  readonly rows: number
  readonly columns: number
  readonly data: Numbers
}

/** A tensor (O, …) as O rows, over the same memory: a convolution (O, I, k, k) has I·k·k columns. */
export const matrixOf = ({ shape: [rows = 0], data }: Tensor): Matrix => ({ rows, columns: rows > 0 ? data.length / rows : 0, data })

export const zeros = (rows: number, columns: number): Matrix => ({ rows, columns, data: new Float64Array(rows * columns) })

/** With `diagonal` on the diagonal. */
export function diagonal(values: ArrayLike<number>): Matrix {
  const out = zeros(values.length, values.length)
  for (let i = 0; i < values.length; i++) out.data[i * values.length + i] = values[i] ?? 0
  return out
}

/** Keeps the kind of its numbers. */
export function transpose({ rows, columns, data }: Matrix): Matrix {
  const out = data instanceof Float32Array ? new Float32Array(data.length) : new Float64Array(data.length)
  // In tiles: a column of a large matrix is spread over as many pages as it has rows.
  const tile = 32
  for (let i0 = 0; i0 < rows; i0 += tile)
    for (let j0 = 0; j0 < columns; j0 += tile)
      for (let i = i0; i < Math.min(rows, i0 + tile); i++)
        for (let j = j0; j < Math.min(columns, j0 + tile); j++) out[j * rows + i] = data[i * columns + j] as number
  return { rows: columns, columns: rows, data: out }
}

/** The first `count` columns. */
export function firstColumns({ rows, columns, data }: Matrix, count: number): Matrix {
  const out = zeros(rows, Math.min(count, columns))
  for (let i = 0; i < rows; i++) out.data.set(data.subarray(i * columns, i * columns + out.columns), i * out.columns)
  return out
}

/** One below the other, in fp32 where all are. Throws `matrix-shape` where their columns differ in number. */
export function stackRows(parts: readonly Matrix[]): Matrix {
  const columns = parts[0]?.columns ?? 0
  for (const part of parts) if (part.columns !== columns) throw misfit('stack rows of', parts[0] ?? part, part)
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const single = parts.every((part) => part.data instanceof Float32Array)
  const data = single ? new Float32Array(rows * columns) : new Float64Array(rows * columns)
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return { rows, columns, data }
}

/** One beside the other. Throws `matrix-shape` where their rows differ in number. */
export function stackColumns(parts: readonly Matrix[]): Matrix {
  const rows = parts[0]?.rows ?? 0
  for (const part of parts) if (part.rows !== rows) throw misfit('stack columns of', parts[0] ?? part, part)
  const out = zeros(
    rows,
    parts.reduce((sum, { columns }) => sum + columns, 0),
  )
  let at = 0
  for (const { columns, data } of parts) {
    for (let i = 0; i < rows; i++) out.data.set(data.subarray(i * columns, (i + 1) * columns), i * out.columns + at)
    at += columns
  }
  return out
}

/** A · diag(by), or by · A for one number. */
export function timesColumns({ rows, columns, data }: Matrix, by: ArrayLike<number> | number): Matrix {
  const out = zeros(rows, columns)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++)
      out.data[i * columns + j] = (data[i * columns + j] as number) * (typeof by === 'number' ? by : (by[j] ?? 0))
  return out
}

/** Σ of squares; its root is the Frobenius norm. */
export function squaredNorm({ data }: Matrix): number {
  let sum = 0
  for (let i = 0; i < data.length; i++) sum += (data[i] as number) ** 2
  return sum
}

/** Throws `matrix-not-finite`: decompositions of such a matrix would never end. */
export function checkFinite({ rows, columns, data }: Matrix, what: string): void {
  for (let i = 0; i < data.length; i++)
    if (!Number.isFinite(data[i])) {
      const place = [Math.floor(i / columns), i % columns]
      throw new PigmentError(
        'matrix-not-finite',
        `The ${what} needs finite numbers; of ${rows} × ${columns} the one in row ${place[0]}, column ${place[1]} is ${data[i]}. The file that it comes from is damaged, or its training diverged.`,
        { what, rows, columns, place, got: String(data[i]) },
      )
    }
}

export const misfit = (doing: string, a: Matrix, b: Matrix): PigmentError =>
  new PigmentError('matrix-shape', `Cannot ${doing} ${a.rows} × ${a.columns} and ${b.rows} × ${b.columns}.`, {
    left: [a.rows, a.columns],
    right: [b.rows, b.columns],
  })
