// Timesteps by how much each counts: the inverse of the cumulated weights at an even draw.
import type { RandomStream } from '../../tensor/philox.ts'
import type { TimestepRange } from './timestep-draw.ts'

/** `weight` of a place from 0, the cleanest of the range, to 1, the noisiest; not below 0, and above it somewhere. */
export function drawWeighted(
  random: RandomStream,
  count: number,
  { from, to }: TimestepRange,
  weight: (place: number) => number,
): Float32Array {
  const sums = new Float64Array(to - from)
  let sum = 0
  for (let i = 0; i < sums.length; i++) sums[i] = sum += weight(sums.length > 1 ? i / (sums.length - 1) : 0)
  return Float32Array.from(random.uniform(count), (u) => from + firstAbove(sums, u * sum))
}

/** Where sums that rise are first above a value; the last place, if nowhere. */
function firstAbove(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sums[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}
