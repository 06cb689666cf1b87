// Products of matrices from which community adapters make a ΔW, each as a pair of thin matrices B·A (O, R)·(R, I). R rank, O outputs, I inputs, for a
// convolution times its window k·k.
import { elementCount, type Tensor } from '../tensor/tensor.ts'
import { addLowRank, rankOf, type LowRank } from './low-rank.ts'
import type { Change } from './term.ts'

/** Rows × columns, whatever dimensions follow the first. */
const sizeOf = ({ shape: [rows = 0], data }: Tensor): readonly [rows: number, columns: number] => [rows, rows > 0 ? data.length / rows : 0]

export const transposed = (a: Tensor): Tensor => {
  const [rows, columns] = sizeOf(a)
  const data = new Float32Array(rows * columns)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) data[j * rows + i] = a.data[i * columns + j] ?? 0
  return { shape: [columns, rows], data }
}

/** (M, K)·(K, N). */
export function product(a: Tensor, b: Tensor): Tensor {
  const [rows, inner] = sizeOf(a)
  const [, columns] = sizeOf(b)
  const data = new Float32Array(rows * columns)
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++) {
      const factor = a.data[i * inner + k] ?? 0
      for (let j = 0; j < columns; j++) data[i * columns + j] = (data[i * columns + j] ?? 0) + factor * (b.data[k * columns + j] ?? 0)
    }
  return { shape: [rows, columns], data }
}

/** Σ_b mid[a, b, y, x] · down[b, i] as (R, I·k·k): with it a Tucker decomposition is a product of two thin matrices. */
export function throughMiddle(mid: Tensor, down: Tensor): Tensor {
  const [outer = 0, inner = 0, ...kernel] = mid.shape
  const window = elementCount(kernel)
  const [, inputs] = sizeOf(down)
  const data = new Float32Array(outer * inputs * window)
  for (let a = 0; a < outer; a++)
    for (let b = 0; b < inner; b++)
      for (let i = 0; i < inputs; i++) {
        const factor = down.data[b * inputs + i] ?? 0
        const [to, from] = [(a * inputs + i) * window, (a * inner + b) * window]
        for (let xy = 0; xy < window; xy++) data[to + xy] = (data[to + xy] ?? 0) + factor * (mid.data[from + xy] ?? 0)
      }
  return { shape: [outer, inputs * window], data }
}

/** (B₁·A₁) ⊙ (B₂·A₂) = (rows of B₁ ⊗ rows of B₂) · (columns of A₁ ⊗ columns of A₂): Khatri and Rao's products, of rank R₁·R₂. */
export function hadamardPair(b1: Tensor, a1: Tensor, b2: Tensor, a2: Tensor): { readonly up: Tensor; readonly down: Tensor } {
  return { up: transposed(columnwise(transposed(b1), transposed(b2))), down: columnwise(a1, a2) }
}

/** (R₁, N) and (R₂, N) give (R₁·R₂, N): the Kronecker product of each two columns. */
function columnwise(a: Tensor, b: Tensor): Tensor {
  const [[p, columns], [q]] = [sizeOf(a), sizeOf(b)]
  const data = new Float32Array(p * q * columns)
  for (let i = 0; i < p; i++)
    for (let j = 0; j < q; j++)
      for (let n = 0; n < columns; n++) data[(i * q + j) * columns + n] = (a.data[i * columns + n] ?? 0) * (b.data[j * columns + n] ?? 0)
  return { shape: [p * q, columns], data }
}

/** A ⊗ B: (a, c) and (b, d) give (a·b, c·d). */
export function kronecker(first: Tensor, second: Tensor): Tensor {
  const [[a, c], [b, d]] = [sizeOf(first), sizeOf(second)]
  const data = new Float32Array(a * b * c * d)
  for (let i = 0; i < a; i++)
    for (let j = 0; j < b; j++)
      for (let k = 0; k < c; k++) {
        const factor = first.data[i * c + k] ?? 0
        const to = ((i * b + j) * c + k) * d
        for (let l = 0; l < d; l++) data[to + l] = factor * (second.data[j * d + l] ?? 0)
      }
  return { shape: [a * b, c * d], data }
}

export function identity(size: number): Tensor {
  const data = new Float32Array(size * size)
  for (let i = 0; i < size; i++) data[i * size + i] = 1
  return { shape: [size, size], data }
}

/** A pair of more ranks than its weight could have costs more than the weight itself: it is folded instead. */
export const kindOf = (rank: number, outputs: number, inputs: number): 'low-rank' | 'dense' =>
  rank <= Math.min(outputs, inputs) ? 'low-rank' : 'dense'

/** s·B·A for a weight of `shape`, as a pair where that is the cheaper. */
export function termOf(up: Tensor, down: Tensor, scale: number, shape: readonly number[]): Change {
  const [outputs = 0, ...window] = shape
  const rank = rankOf({ down })
  const pair: LowRank = {
    up: { shape: [outputs, rank, ...window.slice(1).map(() => 1)], data: up.data },
    down: { shape: [rank, ...window], data: down.data },
    alpha: scale * rank,
  }
  if (kindOf(rank, outputs, elementCount(window)) === 'low-rank') return { kind: 'low-rank', ...pair }
  const data = new Float32Array(elementCount(shape))
  addLowRank(data, pair, 1)
  return { kind: 'dense', delta: { shape, data } }
}
