// What a merge tells of itself, from what its layers tell.
import type { MergedLayerReport, MergeReport } from '../requests/merge.ts'
import type { MergeMethod } from './method.ts'

const squares = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0)

export function reportOf(
  { name, title }: Pick<MergeMethod, 'name' | 'title'>,
  byLayer: readonly MergedLayerReport[],
  leftOut: MergeReport['leftOut'],
  summed = 0,
): MergeReport {
  const sum = squares(byLayer.map(({ sumNorm }) => sumNorm))
  const kept = squares(byLayer.map(({ norm }) => norm))
  const made = byLayer.reduce((all, { norm, energy }) => all + (energy > 0 ? norm ** 2 / energy : 0), 0)
  const ranks = byLayer.map(({ rank }) => rank)
  return {
    method: name,
    title,
    layers: byLayer.filter(({ rank }) => rank > 0).length,
    sharedLayers: byLayer.filter(({ adapters }) => adapters > 1).length,
    leastRank: Math.min(...ranks, Infinity) === Infinity ? 0 : Math.min(...ranks),
    largestRank: Math.max(0, ...ranks),
    error: sum > 0 ? Math.sqrt(squares(byLayer.map(({ error, sumNorm }) => error * sumNorm)) / sum) : 0,
    energy: made > 0 ? Math.min(1, kept / made) : 1,
    norm: Math.sqrt(kept),
    sumNorm: Math.sqrt(sum),
    byLayer,
    summed,
    leftOut,
  }
}
