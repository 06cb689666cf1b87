// How the changes of several adapters to one layer lie to each other, from their small factors alone: with ΔW = Uᵀ·D, everything is in the Gram matrices
// of all rows of U and of D, R × R with R = Σ ranks, in fp64. Nothing here knows strengths: whoever reports multiplies them in.
import { lowerRoot, rowsThrough } from '../linear-algebra/cholesky.ts'
import { stackRows, transpose, zeros, type Matrix } from '../linear-algebra/matrix.ts'
import { gram, product, timesTransposed } from '../linear-algebra/product.ts'
import { symmetricEigen } from '../linear-algebra/svd.ts'
import type { LayerFactors } from './factors.ts'

/** One adapter in one layer, at strength 1. */
export interface Share {
  /** Its place in the stack. */
  readonly adapter: number
  /** ‖ΔW‖², Frobenius. */
  readonly energy: number
  /** The largest singular value. */
  readonly peak: number
  /** ‖ΔW·ΔWᵀ‖ = ‖ΔWᵀ·ΔW‖: how strongly it answers to the inputs that it answers to, and writes to the outputs that it writes to. */
  readonly answer: number
  /** ‖ΔW·x̄‖ for what reaches the layer on average, where that is known: what it does to every place of every picture alike. */
  readonly steady?: number
  /** Part of ΔW that is not in these figures, as a share of its norm. */
  readonly lost: number
}

/** Two adapters in one layer, at strength 1. */
export interface Meeting {
  readonly a: number
  readonly b: number
  /** ⟨ΔW_a, ΔW_b⟩. */
  readonly inner: number
  /** ‖ΔW_a·ΔW_bᵀ‖: how strongly one answers to the inputs that the other answers to. */
  readonly inputs: number
  /** ‖ΔW_aᵀ·ΔW_b‖: how strongly one writes to the outputs that the other writes to. */
  readonly outputs: number
  /** Of the row spaces (inputs) and the column spaces (outputs). */
  readonly rows: Angles
  readonly columns: Angles
}

/** Principal angles between the spaces of singular vectors that hold 99 % of each ΔW's energy. */
export interface Angles {
  /** Cosine of the smallest. */
  readonly largestCosine: number
  /** Mean squared cosine, over as many as the smaller space has: 1 where it lies in the other. */
  readonly overlap: number
}

export interface LayerMeasure {
  readonly shares: readonly Share[]
  readonly meetings: readonly Meeting[]
}

const keptEnergy = 0.99

/** Gram matrices, by whoever has them fastest. */
export type Gram = (rows: Matrix) => Matrix | Promise<Matrix>

interface Space {
  readonly adapter: number
  /** Where its rows begin among all. */
  readonly from: number
  readonly share: Share
  /** U·Uᵀ and D·Dᵀ. */
  readonly up: Matrix
  readonly down: Matrix
  /** (K, R): right singular vectors are rows·D, left ones columns·U. */
  readonly rows: Matrix
  readonly columns: Matrix
}

export interface LayerOptions {
  readonly gram?: Gram | undefined
  /** (I): the mean input by channel. */
  readonly mean?: Float64Array | undefined
}

export async function measureLayer(
  present: readonly (readonly [adapter: number, factors: LayerFactors])[],
  { gram: gramOf = gram, mean }: LayerOptions = {},
): Promise<LayerMeasure> {
  const up = await gramOf(stackRows(present.map(([, factors]) => factors.up)))
  const down = await gramOf(stackRows(present.map(([, factors]) => factors.down)))
  let from = 0
  const spaces = present.map(([adapter, { down: own, lost }]) => {
    const at = from
    from += own.rows
    const steady = mean && steadyNorm(own, part(up, at, at, own.rows, own.rows), mean)
    return spaceOf({
      adapter,
      lost,
      from: at,
      up: part(up, at, at, own.rows, own.rows),
      down: part(down, at, at, own.rows, own.rows),
      ...(steady === undefined ? {} : { steady }),
    })
  })
  const between = (all: Matrix, a: Space, b: Space): Matrix => part(all, a.from, b.from, a.up.rows, b.up.rows)
  const meetings = spaces.flatMap((a, i) => spaces.slice(i + 1).map((b) => meeting(a, b, between(up, a, b), between(down, a, b))))
  return { shares: spaces.map(({ share }) => share), meetings }
}

function spaceOf({ lost, steady, ...space }: Pick<Space, 'adapter' | 'from' | 'up' | 'down'> & Pick<Share, 'lost' | 'steady'>): Space {
  const { adapter, up, down } = space
  const root = lowerRoot(down)
  // D = root·P with orthonormal rows of P, so that ΔW = Uᵀ·root·P has the squares of its singular values here.
  const { values, vectors } = symmetricEigen(product(timesTransposed(transpose(root), up), root))
  const squares = values.map((value) => Math.max(0, value))
  const energy = squares.reduce((sum, value) => sum + value, 0)
  const own = firstRows(transpose(vectors), count(squares, energy))
  const columns = timesTransposed(own, root)
  for (let i = 0; i < columns.data.length; i++)
    columns.data[i] = (columns.data[i] as number) / Math.sqrt(squares[Math.floor(i / columns.columns)] as number)
  const answer = Math.sqrt(squares.reduce((sum, value) => sum + value * value, 0))
  const share = { adapter, energy, peak: Math.sqrt(squares[0] ?? 0), answer, lost, ...(steady === undefined ? {} : { steady }) }
  return { ...space, share, rows: rowsThrough(own, root), columns }
}

/** ‖Uᵀ·t‖ with t = D·x̄; a channel of x̄ stands at every place of a window. */
function steadyNorm(down: Matrix, up: Matrix, mean: Float64Array): number {
  const window = down.columns / mean.length
  const t = Float64Array.from({ length: down.rows }, (_, r) => {
    let sum = 0
    for (let k = 0; k < down.columns; k++) sum += (down.data[r * down.columns + k] as number) * (mean[Math.floor(k / window)] as number)
    return sum
  })
  let squares = 0
  for (let i = 0; i < t.length; i++)
    for (let j = 0; j < t.length; j++) squares += (t[i] as number) * (t[j] as number) * (up.data[i * up.columns + j] as number)
  return Math.sqrt(Math.max(0, squares))
}

const firstRows = ({ columns, data }: Matrix, rows: number): Matrix => ({ rows, columns, data: data.subarray(0, rows * columns) })

/** How many of the largest hold the energy. */
function count(squares: Float64Array, energy: number): number {
  let [sum, kept] = [0, 0]
  while (kept < squares.length && sum < keptEnergy * energy) sum += squares[kept++] as number
  return kept
}

/** `ups` U_a·U_bᵀ, `downs` D_a·D_bᵀ. */
function meeting(a: Space, b: Space, ups: Matrix, downs: Matrix): Meeting {
  return {
    a: a.adapter,
    b: b.adapter,
    inner: sumOfProducts(ups, downs),
    // ‖ΔW_a·ΔW_bᵀ‖ = ‖U_aᵀ·M·U_b‖ with M = D_a·D_bᵀ: its square is tr(U_aU_aᵀ·M·U_bU_bᵀ·Mᵀ). With U and D changed about, that of ΔW_aᵀ·ΔW_b.
    inputs: Math.sqrt(Math.max(0, sumOfProducts(product(a.up, downs), product(downs, b.up)))),
    outputs: Math.sqrt(Math.max(0, sumOfProducts(product(a.down, ups), product(ups, b.down)))),
    rows: angles(a.rows, downs, b.rows),
    columns: angles(a.columns, ups, b.columns),
  }
}

function sumOfProducts(a: Matrix, b: Matrix): number {
  let sum = 0
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i] as number) * (b.data[i] as number)
  return sum
}

function angles(a: Matrix, between: Matrix, b: Matrix): Angles {
  const least = Math.min(a.rows, b.rows)
  if (least === 0) return { largestCosine: 0, overlap: 0 }
  const cosines = timesTransposed(product(a, between), b)
  const squares = symmetricEigen(gram(a.rows <= b.rows ? cosines : transpose(cosines))).values
  const overlap = squares.reduce((sum, value) => sum + value, 0) / least
  return { largestCosine: Math.min(1, Math.sqrt(Math.max(0, squares[0] ?? 0))), overlap: Math.min(1, overlap) }
}

function part({ columns, data }: Matrix, row: number, column: number, height: number, width: number): Matrix {
  const out = zeros(height, width)
  for (let i = 0; i < height; i++)
    out.data.set(data.subarray((row + i) * columns + column, (row + i) * columns + column + width), i * width)
  return out
}
