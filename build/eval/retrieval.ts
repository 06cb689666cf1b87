// Is it the right thing? The nearest real picture of a style among 100 concepts, by layout, edges and colour.
import { blur } from './degrade.ts'

const size = 64
const cells = 8
const orientations = 8
/** Edges count no more than this: outlines must not rule. */
const strongest = 60
const greySide = 16
const colourSide = 4
/** How much each part counts; chosen on real pictures of the base styles only, one style looked up in another. */
export const partWeights = { grey: 0.15, edges: 1, colour: 0.5 } as const

/** A vector whose dot product with another picture's says how alike they are. */
export function retrievalFeatures(rgb: Uint8Array): Float32Array {
  const soft = blur(rgb, 1)
  const grey = new Float32Array(size * size)
  for (let i = 0; i < size * size; i++)
    grey[i] = 0.299 * (soft[i * 3] ?? 0) + 0.587 * (soft[i * 3 + 1] ?? 0) + 0.114 * (soft[i * 3 + 2] ?? 0)
  const small = pool(grey, 1, greySide)
  const colour = pool(Float32Array.from(soft), 3, colourSide)
  const parts = [
    { values: normalised(centred(small)), weight: partWeights.grey },
    { values: edgeHistogram(grey), weight: partWeights.edges },
    { values: normalised(colour.map((value) => 255 - value)), weight: partWeights.colour },
  ]
  const out = new Float32Array(parts.reduce((sum, { values }) => sum + values.length, 0))
  let at = 0
  for (const { values, weight } of parts) {
    for (const [i, value] of values.entries()) out[at + i] = value * Math.sqrt(weight)
    at += values.length
  }
  return out
}

/** Means over a coarse grid. */
function pool(values: Float32Array, channels: number, to: number): Float32Array {
  const step = size / to
  const out = new Float32Array(to * to * channels)
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++)
      for (let c = 0; c < channels; c++) {
        const cell = (Math.floor(y / step) * to + Math.floor(x / step)) * channels + c
        out[cell] = (out[cell] ?? 0) + (values[(y * size + x) * channels + c] ?? 0) / (step * step)
      }
  return out
}

/** Gradient orientations without sign, each pixel shared between the nearest cells and orientations. */
function edgeHistogram(grey: Float32Array): Float32Array {
  const bins = new Float32Array(cells * cells * orientations)
  const step = size / cells
  for (let y = 1; y < size - 1; y++)
    for (let x = 1; x < size - 1; x++) {
      const i = y * size + x
      const dx = (grey[i + 1] ?? 0) - (grey[i - 1] ?? 0)
      const dy = (grey[i + size] ?? 0) - (grey[i - size] ?? 0)
      const strength = Math.hypot(dx, dy)
      if (strength < 4) continue
      const angle = ((Math.atan2(dy, dx) + Math.PI) / Math.PI) * orientations
      const [lower, part] = [Math.floor(angle) % orientations, angle % 1]
      const [cx, cy] = [(x + 0.5) / step - 0.5, (y + 0.5) / step - 0.5]
      for (const py of [Math.floor(cy), Math.floor(cy) + 1])
        for (const px of [Math.floor(cx), Math.floor(cx) + 1]) {
          if (px < 0 || py < 0 || px >= cells || py >= cells) continue
          const share = Math.min(strength, strongest) * (1 - Math.abs(cx - px)) * (1 - Math.abs(cy - py))
          const [bin, next] = [lower, (lower + 1) % orientations].map((orientation) => (py * cells + px) * orientations + orientation) as [
            number,
            number,
          ]
          bins[bin] = (bins[bin] ?? 0) + share * (1 - part)
          bins[next] = (bins[next] ?? 0) + share * part
        }
    }
  return normalised(bins.map(Math.sqrt))
}

function centred(values: Float32Array): Float32Array {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return values.map((value) => value - mean)
}

function normalised(values: Float32Array): Float32Array {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) || 1
  return values.map((value) => value / length)
}

/** The index of the candidate nearest to a picture. */
export function nearest(features: Float32Array, candidates: readonly Float32Array[]): number {
  let [best, top] = [0, -Infinity]
  for (const [i, candidate] of candidates.entries()) {
    let dot = 0
    for (let k = 0; k < features.length; k++) dot += (features[k] ?? 0) * (candidate[k] ?? 0)
    if (dot > top) [best, top] = [i, dot]
  }
  return best
}

/** The share of queries whose nearest candidate has their concept. Every query's concept should be among the candidates'. */
export function topOne(
  queries: readonly { readonly concept: string; readonly rgb: Uint8Array }[],
  candidates: readonly { readonly concept: string; readonly rgb: Uint8Array }[],
): number {
  const features = candidates.map(({ rgb }) => retrievalFeatures(rgb))
  const right = queries.filter(({ concept, rgb }) => candidates[nearest(retrievalFeatures(rgb), features)]?.concept === concept)
  return right.length / Math.max(1, queries.length)
}

/** The mean over queries of one over the rank of the candidate that has their concept; says more than `topOne` does on few. */
export function meanReciprocalRank(
  queries: readonly { readonly concept: string; readonly rgb: Uint8Array }[],
  candidates: readonly { readonly concept: string; readonly rgb: Uint8Array }[],
): number {
  const features = candidates.map(({ concept, rgb }) => ({ concept, values: retrievalFeatures(rgb) }))
  let sum = 0
  for (const { concept, rgb } of queries) {
    const query = retrievalFeatures(rgb)
    const alike = features.map(({ concept: one, values }) => ({
      one,
      dot: values.reduce((total, value, k) => total + value * (query[k] ?? 0), 0),
    }))
    const right = Math.max(...alike.filter(({ one }) => one === concept).map(({ dot }) => dot))
    sum += 1 / alike.filter(({ dot }) => dot >= right).length
  }
  return sum / Math.max(1, queries.length)
}
