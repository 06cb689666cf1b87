// What an adapter does to one layer as a product of two thin matrices: its own factors where it is low-rank, else the largest part of its ΔW.
import { rankOf, scaleOf } from '../adapters/low-rank.ts'
import { ofWeight, wholeChange, type BaseWeight, type Term } from '../adapters/term.ts'
import { matrixOf, stackRows, timesColumns, transpose, type Matrix } from '../linear-algebra/matrix.ts'
import { truncatedSvd } from '../linear-algebra/truncated-svd.ts'

/** ΔW = upᵀ·down, but for `lost`. */
export interface LayerFactors {
  /** (R, O): the columns of B, each a row, with the scale of its pair. */
  readonly up: Matrix
  /** (R, I). */
  readonly down: Matrix
  /** ‖ΔW − upᵀ·down‖ / ‖ΔW‖. */
  readonly lost: number
}

/** More ranks than this cost more than to find the largest of ΔW. */
const mostRanks = 256
/** Directions of a ΔW that is no product of thin matrices. */
const keptRanks = 32

/** Undefined where the terms change no weight, as those of biases do. Throws what reading the base throws. */
export async function layerFactors(terms: readonly Term[], base: BaseWeight): Promise<LayerFactors | undefined> {
  const changes = ofWeight(terms)
  if (changes.length === 0) return undefined
  const pairs = changes.flatMap((term) => (term.kind === 'low-rank' ? [term] : []))
  const ranks = pairs.reduce((sum, term) => sum + rankOf(term), 0)
  if (pairs.length === changes.length && ranks <= mostRanks)
    return {
      up: joined(pairs.map((pair) => timesScale(transpose(matrixOf(flat(pair.up))), scaleOf(pair)))),
      down: joined(pairs.map(({ down }) => matrixOf(down))),
      lost: 0,
    }
  const whole = matrixOf({ shape: base.shape, data: await wholeChange(changes, base) })
  const { u, s, v, error } = await truncatedSvd(whole, { rank: keptRanks })
  return { up: transpose(timesColumns(u, s)), down: transpose(v), lost: error }
}

const joined = (parts: readonly Matrix[]): Matrix => (parts.length === 1 ? (parts[0] as Matrix) : stackRows(parts))
const timesScale = (a: Matrix, by: number): Matrix => (by === 1 ? a : timesColumns(a, by))
/** (O, R, 1, 1) as (O, R). */
const flat = ({ shape, data }: { readonly shape: readonly number[]; readonly data: Float32Array }) => ({ shape: shape.slice(0, 2), data })
