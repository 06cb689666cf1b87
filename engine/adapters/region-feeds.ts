// The masks of a stack at the levels of a network, as its graph takes them (`engine/nn/regions.ts`). G groups, h w cells of a level, T = h·w.
import { maskCells, type Mask } from '../images/mask.ts'
import { regionInputs } from '../nn/regions.ts'
import type { Tensor } from '../tensor/tensor.ts'

export interface RegionSizes {
  /** Cells of the finest level; each further level has half of them, rounded up. */
  readonly height: number
  readonly width: number
  readonly levels: number
  /** Of the text: T′. */
  readonly tokens: number
}

/** Feeds for G = 1 + masks groups, of which the first acts everywhere: a cell has the mean of each mask over it. */
export function regionFeeds(masks: readonly Mask[], { height, width, levels, tokens }: RegionSizes): Record<string, Tensor> {
  const groups = 1 + masks.length
  const feeds: Record<string, Tensor> = {}
  let [h, w] = [height, width]
  for (let level = 0; level < levels; level++) {
    const size = { width: w, height: h }
    const cells = masks.map((mask) => maskCells(mask, { bucket: size, resized: size }, 1))
    const map = new Float32Array(groups * h * w).fill(1)
    cells.forEach((of, i) => map.set(of, (i + 1) * h * w))
    feeds[regionInputs.map(level)] = { shape: [groups, h, w], data: map }
    feeds[regionInputs.shares(level)] = { shape: [h * w, groups], data: shares(cells, h * w) }
    ;[h, w] = [Math.ceil(h / 2), Math.ceil(w / 2)]
  }
  const acting = new Float32Array(groups * groups)
  for (let g = 0; g < groups; g++) acting[g * groups] = acting[g * (groups + 1)] = 1
  feeds[regionInputs.groups] = { shape: [groups, groups], data: acting }
  const text = new Float32Array(groups * tokens * groups)
  for (let row = 0; row < groups * tokens; row++) {
    const group = Math.floor(row / tokens)
    text.set(acting.subarray(group * groups, (group + 1) * groups), row * groups)
  }
  feeds[regionInputs.text] = { shape: [groups * tokens, groups], data: text }
  return feeds
}

/** 1 − Σ m, and each m. */
function shares(cells: readonly Float32Array[], count: number): Float32Array {
  const groups = 1 + cells.length
  const data = new Float32Array(count * groups)
  for (let t = 0; t < count; t++) {
    let rest = 1
    cells.forEach((of, i) => {
      data[t * groups + i + 1] = of[t] ?? 0
      rest -= of[t] ?? 0
    })
    data[t * groups] = rest
  }
  return data
}
