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

const zero = nf4Levels.indexOf(0)

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
  // A missing last weight counts as zero.
  const each = new Uint8Array(2 * Math.ceil(weights.length / 2)).fill(zero, weights.length)
  const absmax = nearest(weights, grids.weights, blockSize, each)
  const codes = new Uint8Array(each.length / 2)
  for (let i = 0; i < codes.length; i++) codes[i] = ((each[2 * i] as number) << 4) | (each[2 * i + 1] as number)
  return { codes, absmax }
}

/** `offset` is the mean, rounded once. torch's own differs in the last bit with the width of the machine's vectors: give it to compare. */
export function quantiseScales(scales: Float32Array, offset = meanOf(scales)): NestedScales {
  const codes = new Uint8Array(scales.length)
  const around = scales.map((scale) => scale - offset)
  const absmax = nearest(around, grids.scales, scalesBlock, codes)
  return { codes, absmax, offset }
}

function meanOf(values: Float32Array): number {
  let sum = 0
  for (const x of values) sum += x
  return fround(sum / values.length)
}

/** The scales that products are made with. */
export function scalesOf({ codes, absmax, offset }: NestedScales): Float32Array {
  const map = dynamicMap()
  const scales = new Float32Array(codes.length)
  for (let i = 0; i < codes.length; i++)
    scales[i] = fround((map[codes[i] as number] as number) * (absmax[Math.floor(i / scalesBlock)] as number)) + offset
  return scales
}

export function dequantise({ codes, absmax }: Nf4, count: number): Float32Array {
  const weights = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    const byte = codes[i >> 1] as number
    weights[i] = (nf4Levels[i % 2 === 0 ? byte >> 4 : byte & 15] as number) * (absmax[Math.floor(i / blockSize)] as number)
  }
  return weights
}

interface Grid {
  readonly levels: Float32Array
  /** Between neighbouring levels; x belongs to the level of which so many bounds lie below x. */
  readonly bounds: Float32Array
  /** How many bounds lie below the left edge of each of `cells` equal parts of [−1, 1]. */
  readonly first: Uint8Array
}

const cells = 1 << 10
const least = fround(1e-38)

/** Of ascending levels in [−1, 1]. Exactly between two the lower is nearest. */
function gridOf(levels: Float32Array): Grid {
  const bounds = Float32Array.from(levels.subarray(1), (level, i) => fround(level + (levels[i] ?? 0)) / 2)
  const first = Uint8Array.from({ length: cells + 1 }, (_, cell) => bounds.filter((bound) => bound < (2 * cell) / cells - 1).length)
  return { levels, bounds, first }
}

const grids = { weights: gridOf(nf4Levels), scales: gridOf(dynamicMap()) }

/** Gives max |x| of every block, and writes the nearest level of each x over that into `codes`, one code an element. */
function nearest(values: Float32Array, { bounds, first }: Grid, size: number, codes: Uint8Array): Float32Array {
  const blocks = Math.ceil(values.length / size)
  const largest = new Float32Array(blocks)
  const last = bounds.length
  for (let block = 0; block < blocks; block++) {
    const start = block * size
    const end = Math.min(start + size, values.length)
    let max = 0
    for (let i = start; i < end; i++) {
      const x = abs(values[i] as number)
      if (x > max) max = x
    }
    // The last block, where it is short, is divided and not multiplied, and its scale is never zero.
    const short = end - start < size
    largest[block] = short ? Math.max(max, least) : max
    const divisor = Math.max(max, least)
    const inverse = fround(1 / divisor)
    for (let i = start; i < end; i++) {
      const x = values[i] as number
      const scaled = short ? fround(x / divisor) : fround(x * inverse)
      // Rounding may carry it past ±1.
      const cell = scaled <= -1 ? 0 : scaled >= 1 ? cells : ((scaled + 1) * (cells / 2)) | 0
      let code = first[cell] as number
      while (code < last && (bounds[code] as number) < scaled) code++
      codes[i] = code
    }
  }
  return largest
}
