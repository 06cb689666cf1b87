// Rotations R of skew matrices Q, in fp64, and what they make of a weight's rows and columns. b the width of a block; blocks are (b, b), row by row.
import { transpose, type Matrix, type Numbers } from '../linear-algebra/matrix.ts'
import { product, timesTransposed } from '../linear-algebra/product.ts'

/** Q = M − Mᵀ. */
export function skew(m: ArrayLike<number>, b: number): Float64Array {
  return Float64Array.from({ length: b * b }, (_, at) => (m[at] ?? 0) - (m[(at % b) * b + Math.floor(at / b)] ?? 0))
}

/** Q of the numbers above the diagonal, row by row. */
export function skewOfUpper(values: ArrayLike<number>, b: number): Float64Array {
  const q = new Float64Array(b * b)
  let at = 0
  for (let i = 0; i < b; i++)
    for (let j = i + 1; j < b; j++) {
      const value = values[at++] ?? 0
      q[i * b + j] = value
      q[j * b + i] = -value
    }
  return q
}

/** Cayley's (I + Q)(I − Q)⁻¹ = 2(I − Q)⁻¹ − I, by Gauss and Jordan: I − Q of a skew Q is never singular. */
export function cayley(q: Float64Array, b: number): Float64Array {
  const inverse = inverted(
    q.map((value, at) => (at % (b + 1) === 0 ? 1 : 0) - value),
    b,
  )
  return inverse.map((value, at) => 2 * value - (at % (b + 1) === 0 ? 1 : 0))
}

/** In place. Each pivot of I − Q is at least 1 (its symmetric part, and that of every Schur complement, is I or more), so that rows stay where they are. */
function inverted(m: Float64Array, b: number): Float64Array {
  for (let k = 0; k < b; k++) {
    const row = m.subarray(k * b, (k + 1) * b)
    const pivot = row[k] ?? 1
    row[k] = 1
    for (let j = 0; j < b; j++) row[j] = (row[j] ?? 0) / pivot
    for (let i = 0; i < b; i++) {
      if (i === k) continue
      const factor = m[i * b + k] ?? 0
      if (factor === 0) continue
      m[i * b + k] = 0
      addScaled(m, i * b, row, -factor)
    }
  }
  return m
}

/** I + 2Q + 2Q² + … + Qᵗ⁻¹ of `terms` terms, the last one once: (I + Q)(I − Q)⁻¹ cut off, as PEFT and OneTrainer have it. */
export function neumann(q: Float64Array, b: number, terms: number): Float64Array {
  const sum = Float64Array.from(q, (_, at) => (at % (b + 1) === 0 ? 1 : 0))
  let power = square(q, b)
  // Of three terms they make four.
  const last = terms === 3 ? 4 : terms
  for (let n = 1; n < last; n++) {
    if (n > 1) power = product(power, square(q, b))
    addScaled(sum, 0, power.data, n === 1 || n < last - 1 ? 2 : 1)
  }
  return sum
}

const square = (data: Numbers, b: number): Matrix => ({ rows: b, columns: b, data })

/** The rows of (O, width) by blocks, each R_kᵀ·rows, or R_k·rows: `order` names the rows of the blocks one after the other. In place. */
export function turnRows(data: Float32Array, blocks: readonly Float64Array[], order: ArrayLike<number>, side: 'R' | 'Rᵀ'): void {
  const b = Math.sqrt(blocks[0]?.length ?? 0)
  const width = data.length / order.length
  const rows = { rows: b, columns: width, data: new Float32Array(b * width) }
  for (const [k, block] of blocks.entries()) {
    const r = square(block, b)
    for (let i = 0; i < b; i++) {
      const at = (order[k * b + i] ?? 0) * width
      rows.data.set(data.subarray(at, at + width), i * width)
    }
    const turned = product(side === 'R' ? r : transpose(r), rows).data
    for (let i = 0; i < b; i++) data.set(turned.subarray(i * width, (i + 1) * width), (order[k * b + i] ?? 0) * width)
  }
}

/** The columns of (O, width) by blocks: each row's part times R_kᵀ. One block may stand for all. In place. */
export function turnColumns(data: Float32Array, width: number, blocks: readonly Float64Array[]): void {
  const b = Math.sqrt(blocks[0]?.length ?? 0)
  const rows = data.length / width
  const part = { rows, columns: b, data: new Float32Array(rows * b) }
  for (let from = 0; from < width; from += b) {
    for (let i = 0; i < rows; i++) part.data.set(data.subarray(i * width + from, i * width + from + b), i * b)
    const turned = timesTransposed(part, square(blocks[blocks.length === 1 ? 0 : from / b] ?? new Float64Array(b * b), b)).data
    for (let i = 0; i < rows; i++) data.set(turned.subarray(i * b, (i + 1) * b), i * width + from)
  }
}

function addScaled(onto: Float64Array, at: number, values: Numbers, factor: number): void {
  for (let j = 0; j < values.length; j++) onto[at + j] = (onto[at + j] ?? 0) + factor * (values[j] ?? 0)
}
