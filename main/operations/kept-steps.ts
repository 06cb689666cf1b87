// Which steps of a run are kept as adapters, so that one of them can be chosen afterwards.

const most = 12

/** Every so many steps: those that samples are drawn of, thinned out to a dozen; undefined where none are drawn. */
export function keptEvery(steps: number, samplesEvery: number): number | undefined {
  if (samplesEvery === 0 || samplesEvery >= steps) return undefined
  return samplesEvery * Math.ceil(steps / samplesEvery / most)
}

/** How many those are, without the last step. */
export const keptCount = (steps: number, samplesEvery: number): number => Math.ceil(steps / (keptEvery(steps, samplesEvery) ?? steps)) - 1
