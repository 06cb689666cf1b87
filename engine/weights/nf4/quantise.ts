// NF4 (Dettmers et al. 2023, arXiv 2305.14314): 16 levels that a normal distribution fills evenly, a scale for each 64 weights, and the scales
// themselves in 8 bits. The same codes and constants, bit for bit, as bitsandbytes (backends/default/ops.py, functional.py).
import { dynamicMap } from './dynamic-map.ts'

/** Weights that share a scale, row by row over the whole matrix. */
export const blockSize = 64
/** Scales that share one. */
const scalesBlock = 256

export const nf4Levels = Float32Array.of(
  ...[-1, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453, -0.28444138169288635, -0.18477343022823334],
  ...[-0.09105003625154495, 0, 0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224],
  ...[0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1],
)

/** A tensor's weights: two codes a byte, the earlier one in its high half, and max |w| of each block. */
export interface Nf4 {
  readonly codes: Uint8Array
  readonly absmax: Float32Array
}

/** Scales in 8 bits: absmax ≈ map[code] · absmax₂ + offset. */
export interface NestedScales {
  readonly codes: Uint8Array
  readonly absmax: Float32Array
  readonly offset: number
}

const { fround, abs } = Math

export function quantise(weights: Float32Array): Nf4 {
  const codes = new Uint8Array(Math.ceil(weights.length / 2))
  const absmax = nearest(weights, { levels: nf4Levels, size: blockSize }, (code, i) => {
    codes[i >> 1] = (codes[i >> 1] ?? 0) | (i % 2 === 0 ? code << 4 : code)
  })
  // A missing last weight counts as zero.
  if (weights.length % 2 === 1) codes[codes.length - 1] = (codes.at(-1) ?? 0) | nf4Levels.indexOf(0)
  return { codes, absmax }
}

/** `offset` is the mean, rounded once. torch's own differs in the last bit with the width of the machine's vectors: give it to compare. */
export function quantiseScales(scales: Float32Array, offset = fround(scales.reduce((sum, x) => sum + x, 0) / scales.length)): NestedScales {
  const codes = new Uint8Array(scales.length)
  const around = scales.map((scale) => scale - offset)
  const absmax = nearest(around, { levels: dynamicMap(), size: scalesBlock }, (code, i) => (codes[i] = code))
  return { codes, absmax, offset }
}

/** The scales that products are made with. */
export function scalesOf({ codes, absmax, offset }: NestedScales): Float32Array {
  const map = dynamicMap()
  return Float32Array.from(codes, (code, i) => fround((map[code] ?? 0) * (absmax[Math.floor(i / scalesBlock)] ?? 0)) + offset)
}

export function dequantise({ codes, absmax }: Nf4, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => {
    const byte = codes[i >> 1] ?? 0
    return (nf4Levels[i % 2 === 0 ? byte >> 4 : byte & 15] ?? 0) * (absmax[Math.floor(i / blockSize)] ?? 0)
  })
}

interface Grid {
  /** Ascending. */
  readonly levels: Float32Array
  readonly size: number
}

const least = fround(1e-38)

/** Gives max |x| of every block, and tells the nearest level of each x over that; exactly between two, the lower. */
function nearest(values: Float32Array, { levels, size }: Grid, tell: (code: number, index: number) => void): Float32Array {
  const bounds = Float32Array.from(levels.subarray(1), (level, i) => fround(level + (levels[i] ?? 0)) / 2)
  const blocks = Math.ceil(values.length / size)
  const largest = new Float32Array(blocks)
  for (let block = 0; block < blocks; block++) {
    const start = block * size
    const end = Math.min(start + size, values.length)
    let max = 0
    for (let i = start; i < end; i++) max = Math.max(max, abs(values[i] ?? 0))
    // The last block, where it is short, is divided and not multiplied, and its scale is never zero.
    const short = end - start < size
    largest[block] = short ? Math.max(max, least) : max
    const divisor = Math.max(max, least)
    const inverse = fround(1 / divisor)
    for (let i = start; i < end; i++) {
      const x = values[i] ?? 0
      tell(countBelow(bounds, fround(short ? x / divisor : x * inverse)), i)
    }
  }
  return largest
}

/** How many of the ascending bounds lie below x. */
function countBelow(bounds: Float32Array, x: number): number {
  let low = 0
  let high = bounds.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((bounds[middle] ?? 0) < x) low = middle + 1
    else high = middle
  }
  return low
}
