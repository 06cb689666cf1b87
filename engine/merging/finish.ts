// What a method made of a layer, brought to a rank and measured.
import type { LowRank } from '../adapters/low-rank.ts'
import type { Matrix } from '../linear-algebra/matrix.ts'
import type { Multiply } from '../linear-algebra/product.ts'
import type { MergedLayerReport } from '../requests/merge.ts'
import { atRank, type RankWanted } from './at-rank.ts'
import { squaredDifference, squaredOf, type Factors } from './factors.ts'
import { layerName, sumOf, type Layer } from './layer.ts'
import type { MergeMethod } from './method.ts'

export interface Finished {
  /** Of scale 1; undefined where nothing is left. */
  readonly pair: LowRank | undefined
  readonly report: MergedLayerReport
}

const mostOfSpectrum = 64
/** The rank of what is no product of thin matrices, unless one is asked for: as much of it as a large LoRA holds. */
const wholeRank = 64
/** Squared norm beside that of its parts below which a layer is nothing: what fp32 leaves of numbers that cancel. */
const nothing = 1e-13

/** `multiply` is for large dense layers. */
export async function finished(
  layer: Layer,
  made: Factors | Matrix,
  method: Pick<MergeMethod, 'rank'>,
  wanted: RankWanted,
  multiply?: Multiply,
): Promise<Finished> {
  const keep = method.rank === 'kept'
  const { factors, spectrum, total, kept } = await atRank(
    made,
    keep ? 'kept' : { ...wanted, rank: limitOf(layer, method, wanted) },
    multiply,
  )
  const sum = sumOf(layer)
  const sumSquared = squaredOf(sum)
  const parts = layer.parts.reduce((all, { weight, ...part }) => all + weight ** 2 * squaredOf(part.factors ?? part.delta()), 0)
  const empty = kept <= nothing * parts
  const report = {
    layer: layerName(layer),
    adapters: layer.parts.length,
    rank: empty ? 0 : factors.down.rows,
    error:
      sumSquared > nothing * parts ? Math.sqrt((empty ? sumSquared : squaredDifference(sum, sumSquared, factors, kept)) / sumSquared) : 0,
    energy: shareOf(kept, total),
    norm: empty ? 0 : Math.sqrt(kept),
    sumNorm: Math.sqrt(sumSquared),
    spectrum: [...spectrum.subarray(0, mostOfSpectrum)],
  }
  return { pair: empty ? undefined : pairOf(factors, layer.shape), report }
}

/** Where nothing was cut off it is all, whatever the last digits say. */
function shareOf(kept: number, total: number): number {
  const share = total > 0 ? kept / total : 1
  return share > 1 - 1e-9 ? 1 : share
}

/** The highest rank of a layer's result. */
function limitOf({ parts, rows, columns }: Layer, method: Pick<MergeMethod, 'rank'>, { rank, energy }: RankWanted): number {
  const ranks = parts.map(({ factors }) => factors?.down.rows ?? wholeRank)
  const all = energy === undefined ? ranks.reduce((a, b) => a + b, 0) : Infinity
  const usual = method.rank === 'largest' && energy === undefined ? Math.max(...ranks) : all
  return Math.min(rank ?? usual, rows, columns)
}

/** As files have it, for a weight of this shape. */
function pairOf({ up, down }: Factors, [outputs = 0, ...window]: readonly number[]): LowRank {
  const rank = down.rows
  return {
    down: { shape: [rank, ...window], data: Float32Array.from(down.data) },
    up: { shape: [outputs, rank, ...window.slice(1).map(() => 1)], data: Float32Array.from(up.data) },
    alpha: rank,
  }
}
