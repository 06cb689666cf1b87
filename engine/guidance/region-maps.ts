// Which cells of a picture belong to which words: FreeFuse (Liu et al. 2025, arXiv 2510.23515; its code for SDXL). T cells, C channels, K adapters.
import type { Tensor } from '../tensor/tensor.ts'

/** The share of all cells that stand for an adapter, and the temperature of its map: the paper's. */
const [coreShare, temperature] = [0.1, 1000]

/**
 * Of each adapter, how alike each cell is to those in which its words weigh more than the others': `attention` (T, T′) and `features` (T, C) of the
 * prompt's row, `positions` of its words among the tokens. K maps (T), each summing to 1.
 */
export function similarityMaps(attention: Tensor, features: Tensor, positions: readonly (readonly number[])[]): Float64Array[] {
  const [cells = 0, tokens = 0] = attention.shape
  const width = features.shape[1] ?? 0
  const scores = positions.map((own) =>
    Float64Array.from({ length: cells }, (_, t) => own.reduce((sum, at) => sum + (attention.data[t * tokens + at] ?? 0), 0) / own.length),
  )
  return scores.map((own, k) => {
    const contrast = own.map((score, t) => score * scores.length - scores.reduce((sum, one, j) => sum + (j === k ? 0 : (one[t] ?? 0)), 0))
    const core = [...contrast.keys()].toSorted((a, b) => (contrast[b] ?? 0) - (contrast[a] ?? 0) || a - b)
    const count = Math.max(1, Math.floor(cells * coreShare))
    const mean = new Float64Array(width)
    for (const t of core.slice(0, count))
      for (let c = 0; c < width; c++) mean[c] = (mean[c] ?? 0) + (features.data[t * width + c] ?? 0) / count
    const alike = Float64Array.from({ length: cells }, (_, t) =>
      mean.reduce((sum, value, c) => sum + value * (features.data[t * width + c] ?? 0), 0),
    )
    return softmax(alike.map((value) => value / temperature))
  })
}

function softmax(values: Float64Array): Float64Array {
  const largest = values.reduce((a, b) => Math.max(a, b), -Infinity)
  const powers = values.map((value) => Math.exp(value - largest))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((value) => value / sum)
}

const balance = { rounds: 15, rate: 0.01, decay: 0.95, momentum: 0.2, anisotropy: 1.3 } as const
/** Of the pull to the centre of an adapter's cells and of the vote of a cell's neighbours, for maps over as many cells as SDXL has at 1024 px. */
const [pull, usualCells] = [3e-5, 1024]

/**
 * The adapter of each cell: that of the largest map, after rounds in which those with more than their share of cells give way, cells vote for their
 * neighbours, and far cells count less. `height` rows of `width` cells.
 */
export function balancedArgmax(
  maps: readonly Float64Array[],
  { height, width }: { readonly height: number; readonly width: number },
): Uint8Array {
  const cells = height * width
  // Maps sum to 1: over fewer cells they are larger.
  const weight = (pull * usualCells) / cells
  const across = (count: number, i: number, scale: number): number => (count === 1 ? -scale : scale * ((2 * i) / (count - 1) - 1))
  const x = Float64Array.from({ length: cells }, (_, t) => across(width, t % width, balance.anisotropy))
  const y = Float64Array.from({ length: cells }, (_, t) => across(height, Math.floor(t / width), 1))
  const all = maps.flatMap((map) => [...map])
  const scale = Math.max(all.reduce((a, b) => Math.max(a, b), -Infinity) - all.reduce((a, b) => Math.min(a, b), Infinity), 1e-4)
  const bias = new Float64Array(maps.length)
  let running = maps.map((map) => spread(map))
  let logits = maps.map((map) => map.slice())
  for (let round = 0; round < balance.rounds; round++) {
    const biased = logits.map((map, k) => map.map((value) => value - (bias[k] ?? 0)))
    const shares = spreadAcross(biased)
    running = running.map((old, k) => old.map((value, t) => (1 - balance.momentum) * (shares[k]?.[t] ?? 0) + balance.momentum * value))
    const counts = new Float64Array(maps.length)
    for (const k of argmax(biased)) counts[k] = (counts[k] ?? 0) + 1
    counts.forEach((count, k) => {
      const moved = (bias[k] ?? 0) + Math.sign(count - cells / maps.length) * balance.rate * scale * balance.decay ** round
      bias[k] = Math.max(-10 * scale, Math.min(10 * scale, moved))
    })
    logits = maps.map((map, k) => {
      const own = running[k] ?? map
      const mass = own.reduce((a, b) => a + b, 0) + 1e-6
      const centre = (of: Float64Array): number => own.reduce((sum, value, t) => sum + value * (of[t] ?? 0), 0) / mass
      const [cx, cy] = [centre(x), centre(y)]
      return map.map((value, t) => {
        const far = ((y[t] ?? 0) - cy) ** 2 + ((x[t] ?? 0) - cx) ** 2
        return value - (bias[k] ?? 0) + weight * neighbours(own, t, { height, width }) - weight * far
      })
    })
  }
  return argmax(logits)
}

/** Each map over its own range. */
function spread(map: Float64Array): Float64Array {
  const [low, high] = [map.reduce((a, b) => Math.min(a, b), Infinity), map.reduce((a, b) => Math.max(a, b), -Infinity)]
  return map.map((value) => (value - low) / (high - low + 1e-8))
}

/** Each cell over the range of what all maps have there. */
function spreadAcross(maps: readonly Float64Array[]): Float64Array[] {
  const cells = maps[0]?.length ?? 0
  const out = maps.map(() => new Float64Array(cells))
  for (let t = 0; t < cells; t++) {
    const here = maps.map((map) => map[t] ?? 0)
    const [low, high] = [Math.min(...here), Math.max(...here)]
    out.forEach((map, k) => (map[t] = ((here[k] ?? 0) - low) / (high - low + 1e-8)))
  }
  return out
}

/** The eight cells around one, as far as there are such, over eight. */
function neighbours(of: Float64Array, t: number, { height, width }: { readonly height: number; readonly width: number }): number {
  const [row, column] = [Math.floor(t / width), t % width]
  let sum = 0
  for (let r = Math.max(0, row - 1); r <= Math.min(height - 1, row + 1); r++)
    for (let c = Math.max(0, column - 1); c <= Math.min(width - 1, column + 1); c++)
      if (r !== row || c !== column) sum += of[r * width + c] ?? 0
  return sum / 8
}

/** The first of the largest, as torch has it. */
function argmax(maps: readonly Float64Array[]): Uint8Array {
  return Uint8Array.from({ length: maps[0]?.length ?? 0 }, (_, t) =>
    maps.reduce((best, map, k) => ((map[t] ?? 0) > (maps[best]?.[t] ?? 0) ? k : best), 0),
  )
}
