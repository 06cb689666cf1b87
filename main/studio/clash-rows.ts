// The clash report as tables for a terminal: names in the place of numbers, and a column for each pair.
import { toldReason } from '../../engine/requests/reason.ts'
import type { ClashReport } from '../../engine/requests/clash.ts'

export function clashRows({ base, adapters, pairs, blocks, layers }: ClashReport, withLayers: boolean) {
  const name = (i: number): string => adapters[i]?.name ?? ''
  const pairName = pairs.map(({ first, second }) => `${name(first)} × ${name(second)}`)
  return {
    base,
    adapters: adapters.map(({ name: adapter, weight, layers: count, norm, normShare, peakShare, disturbed, suggested, leftOut, lost }) => ({
      adapter,
      weight,
      layers: count,
      norm,
      normFraction: normShare,
      largestSingularValueFraction: peakShare,
      disturbed,
      suggested: suggested.weight,
      reason: toldReason(suggested.reason),
      ...(lost > 0 ? { notMeasuredFraction: lost } : {}),
      ...(leftOut.length > 0 ? { leftOut: leftOut.map((one) => `${one.layers} layers: ${toldReason(one.reason)}`).join(' ') } : {}),
    })),
    pairs: pairs.map(({ first, second, ...figures }) => ({ first: name(first), second: name(second), ...figures })),
    interferenceByBlock: blocks.map(({ block, pairs: own }) => ({
      block: block === '' ? 'none' : block,
      ...Object.fromEntries(own.map(({ interference }, i) => [pairName[i] ?? '', interference])),
    })),
    ...(withLayers
      ? {
          byLayer: layers.flatMap(({ layer, block, norms, peaks, pairs: own }) =>
            own.flatMap((figures, i) => {
              const { first = 0, second = 0 } = pairs[i] ?? {}
              const of = (values: readonly number[]) => [values[first] ?? 0, values[second] ?? 0]
              return figures ? [{ layer, block, pair: pairName[i], ...figures, norms: of(norms), largestSingularValues: of(peaks) }] : []
            }),
          ),
        }
      : {}),
  }
}
