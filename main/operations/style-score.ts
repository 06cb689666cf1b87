// Which drawn style a small picture is in: features that survive blur, noise and JPEG, then a small network. Trained by build/eval/style-classifier.ts.
import { readFileSync } from 'node:fs'
import type { Picture } from '../../engine/images/picture.ts'

/** Side of the pictures that the classifier takes. */
export const side = 64
const pixels = side * side
/** A patch is `taps` × `taps` points, `spread` apart, taken every `stride` pixels of the smoothed picture. */
export const patch = { taps: 5, spread: 2, stride: 4, values: 5 * 5 * 3 } as const
const colourLevels = 7
const edgeLimits = [2, 4, 8, 14, 22, 34, 50, 72, 100]

/** Weights as the JSON file holds them. F filters, D features, H hidden, S styles. */
export interface StyleClassifier {
  readonly styles: readonly string[]
  /** (F, 75) over patches with their mean removed and their contrast evened. */
  readonly filters: Float32Array
  /** (F): the filters' response to the mean patch, and where the response starts to count. */
  readonly offsets: Float32Array
  /** (D): what brings the features to zero mean and unit variance. */
  readonly mean: Float32Array
  readonly scale: Float32Array
  /** (H, D), (H), (S, H), (S). */
  readonly hidden: Float32Array
  readonly hiddenBias: Float32Array
  readonly output: Float32Array
  readonly outputBias: Float32Array
}

/** The picture under a binomial filter of σ = 1 pixel: what is finer says more about noise than about style. */
export function smooth(rgb: Uint8Array): Float32Array {
  let from = Float32Array.from(rgb)
  for (const step of [3, side * 3]) {
    const out = new Float32Array(from.length)
    for (let i = 0; i < pixels; i++) {
      const at = step === 3 ? i % side : Math.floor(i / side)
      const reach = (by: number): number => (Math.min(side - 1, Math.max(0, at + by)) - at) * step
      const [a, b, d, e] = [reach(-2), reach(-1), reach(1), reach(2)]
      for (let p = i * 3; p < i * 3 + 3; p++)
        out[p] = ((from[p + a] ?? 0) + (from[p + e] ?? 0) + 4 * ((from[p + b] ?? 0) + (from[p + d] ?? 0)) + 6 * (from[p] ?? 0)) / 16
    }
    from = out
  }
  return from
}

/** Calls `use` with every patch of the smoothed picture that is not plain background: mean removed, contrast evened. The array is reused. */
export function eachPatch(smoothed: Float32Array, use: (values: Float32Array) => void): void {
  const values = new Float32Array(patch.values)
  const last = side - (patch.taps - 1) * patch.spread
  for (let y = 0; y < last; y += patch.stride)
    for (let x = 0; x < last; x += patch.stride) {
      let [n, sum, squares] = [0, 0, 0]
      for (let j = 0; j < patch.taps; j++)
        for (let i = 0; i < patch.taps; i++) {
          const at = ((y + j * patch.spread) * side + x + i * patch.spread) * 3
          for (let c = 0; c < 3; c++) {
            const value = smoothed[at + c] ?? 0
            values[n++] = value
            sum += value
            squares += value * value
          }
        }
      const mean = sum / n
      const variance = squares / n - mean * mean
      if (mean > 250 && variance < 30) continue
      const even = 1 / Math.sqrt(variance + 100)
      for (let k = 0; k < n; k++) values[k] = ((values[k] ?? 0) - mean) * even
      use(values)
    }
}

/** 1 inside an even area, towards 0 where colours mix at an edge. */
function flatness(smoothed: Float32Array, i: number): number {
  let change = 0
  for (const step of [1, side])
    for (let c = 0; c < 3; c++) change += Math.abs((smoothed[(i + step) * 3 + c] ?? 255) - (smoothed[(i - step) * 3 + c] ?? 255))
  return 1 / (1 + (change / 60) ** 2)
}

/** Soft histogram of the colours of even areas away from white, square roots of shares: the palette. */
function paletteFeatures(smoothed: Float32Array): Float32Array {
  const bins = new Float32Array(colourLevels ** 3)
  let total = 1e-6
  for (let i = 0; i < pixels; i++) {
    const rgb = [smoothed[i * 3] ?? 0, smoothed[i * 3 + 1] ?? 0, smoothed[i * 3 + 2] ?? 0] as const
    const weight = Math.min(1, (765 - rgb[0] - rgb[1] - rgb[2]) / 60) * flatness(smoothed, i)
    if (weight < 0.05) continue
    total += weight
    const at = rgb.map((value) => Math.min(colourLevels - 1.001, (value / 255) * (colourLevels - 1)))
    for (let corner = 0; corner < 8; corner++) {
      let [bin, share] = [0, weight]
      for (let c = 0; c < 3; c++) {
        const low = Math.floor(at[c] ?? 0)
        const up = (corner >> c) & 1
        const part = (at[c] ?? 0) - low
        share *= up ? part : 1 - part
        bin = bin * colourLevels + low + up
      }
      bins[bin] = (bins[bin] ?? 0) + share
    }
  }
  return bins.map((value) => Math.sqrt(value / total))
}

/** How strong edges are, how dark the strongest ones, and how much is covered: strokes against shading. */
function edgeFeatures(smoothed: Float32Array): Float32Array {
  const grey = new Float32Array(pixels)
  for (let i = 0; i < pixels; i++) grey[i] = ((smoothed[i * 3] ?? 0) + (smoothed[i * 3 + 1] ?? 0) + (smoothed[i * 3 + 2] ?? 0)) / 3
  const bins = new Float32Array((edgeLimits.length + 1) * 2 + 2)
  let covered = 1e-6
  for (let y = 1; y < side - 1; y++)
    for (let x = 1; x < side - 1; x++) {
      const i = y * side + x
      const here = grey[i] ?? 0
      const strength = Math.hypot((grey[i + 1] ?? 0) - (grey[i - 1] ?? 0), (grey[i + side] ?? 0) - (grey[i - side] ?? 0))
      if (here > 250 && strength < 4) continue
      covered++
      const found = edgeLimits.findIndex((limit) => strength < limit)
      const bin = found < 0 ? edgeLimits.length : found
      bins[bin] = (bins[bin] ?? 0) + 1
      const dark = edgeLimits.length + 1 + Math.min(9, Math.floor(here / 25.6))
      bins[dark] = (bins[dark] ?? 0) + 1
    }
  const out = bins.map((value) => Math.sqrt(value / covered))
  out[out.length - 2] = covered / pixels
  return out
}

/** The features of one RGB picture, before they are brought to unit variance. */
export function styleFeatures(rgb: Uint8Array, filters: Float32Array, offsets: Float32Array): Float32Array {
  const smoothed = smooth(rgb)
  const count = offsets.length
  const pooled = new Float32Array(count * 2)
  let patches = 1e-6
  eachPatch(smoothed, (values) => {
    patches++
    for (let f = 0; f < count; f++) {
      let response = -(offsets[f] ?? 0)
      for (let k = 0, at = f * patch.values; k < patch.values; k++) response += (filters[at + k] ?? 0) * (values[k] ?? 0)
      if (response > threshold) pooled[f * 2] = (pooled[f * 2] ?? 0) + response - threshold
      else if (response < -threshold) pooled[f * 2 + 1] = (pooled[f * 2 + 1] ?? 0) - response - threshold
    }
  })
  const parts = [pooled.map((value) => Math.sqrt(value / patches)), paletteFeatures(smoothed), edgeFeatures(smoothed)]
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
const threshold = 0.5

/** Standardised features → the probability of each style. */
export function styleProbabilities(net: StyleClassifier, features: Float32Array): Float32Array {
  const hidden = layer(net.hidden, net.hiddenBias, features).map((value) => Math.max(0, value))
  const scores = layer(net.output, net.outputBias, hidden)
  const top = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - top))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

function layer(weight: Float32Array, bias: Float32Array, x: Float32Array): Float32Array {
  return bias.map((start, row) => {
    let sum = start
    for (let k = 0, at = row * x.length; k < x.length; k++) sum += (weight[at + k] ?? 0) * (x[k] ?? 0)
    return sum
  })
}

/** Brings features to zero mean and unit variance; far outliers are held back. */
export function standardise(features: Float32Array, mean: Float32Array, scale: Float32Array): Float32Array {
  return features.map((value, i) => Math.max(-5, Math.min(5, (value - (mean[i] ?? 0)) * (scale[i] ?? 0))))
}

interface StoredArray {
  readonly scale: number
  readonly base64: string
}

/** A classifier as JSON: each array as 16-bit whole numbers and one scale. */
export function packClassifier({ styles, ...arrays }: StyleClassifier): string {
  const packed = Object.entries(arrays).map(([name, values]) => {
    const scale = Math.max(1e-12, ...values.map(Math.abs)) / 32767
    const whole = Int16Array.from(values, (value) => Math.round(value / scale))
    return [name, { scale, base64: Buffer.from(whole.buffer).toString('base64') }]
  })
  return JSON.stringify({ styles, ...Object.fromEntries(packed) }) + '\n'
}

/** Reads what `packClassifier` wrote. */
export function unpackClassifier(json: string): StyleClassifier {
  const { styles, ...arrays } = JSON.parse(json) as { styles: string[] } & Record<Exclude<keyof StyleClassifier, 'styles'>, StoredArray>
  const unpack = ({ scale, base64 }: StoredArray): Float32Array => {
    const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
    return Float32Array.from(new Int16Array(bytes.buffer), (whole) => whole * scale)
  }
  const read = Object.entries(arrays).map(([name, stored]) => [name, unpack(stored)])
  return { styles, ...(Object.fromEntries(read) as Omit<StyleClassifier, 'styles'>) }
}

let shipped: StyleClassifier | undefined

/** The classifier in `assets/`. */
export function shippedClassifier(): StyleClassifier {
  shipped ??= unpackClassifier(readFileSync(new URL('../../assets/style-classifier.json', import.meta.url), 'utf8'))
  return shipped
}

const probabilitiesOf = (rgb: Uint8Array, net: StyleClassifier): Float32Array =>
  styleProbabilities(net, standardise(styleFeatures(rgb, net.filters, net.offsets), net.mean, net.scale))

/** The style that a 64 × 64 RGB picture is judged to be in. */
export function judgeStyle(rgb: Uint8Array, net = shippedClassifier()): string {
  const probabilities = probabilitiesOf(rgb, net)
  return net.styles[probabilities.indexOf(Math.max(...probabilities))] ?? ''
}

/** How sure the classifier is that a 64 × 64 RGB picture is in `style`. */
export function probabilityOfStyle(rgb: Uint8Array, style: string, net = shippedClassifier()): number {
  return probabilitiesOf(rgb, net)[net.styles.indexOf(style)] ?? 0
}

/** The share of 64 × 64 RGB pictures judged to be in `style`. */
export function styleScore(images: readonly Uint8Array[], style: string, net = shippedClassifier()): number {
  return images.filter((rgb) => judgeStyle(rgb, net) === style).length / Math.max(1, images.length)
}

/** The features of a picture of any size, in unit variance: how it is drawn, more than what. */
export function pictureFeatures({ width, height, data }: Picture, { filters, offsets, mean, scale } = shippedClassifier()): Float32Array {
  const small = width === side && height === side ? data : shrunk({ width, height, data })
  return standardise(styleFeatures(small, filters, offsets), mean, scale)
}

/** The means of equal parts of a picture that is no smaller than the classifier's. */
function shrunk({ width, height, data }: Picture): Uint8Array {
  const small = new Uint8Array(pixels * 3)
  const edge = (at: number, whole: number): number => Math.floor((at * whole) / side)
  for (let i = 0; i < pixels; i++) {
    const [x, y] = [i % side, Math.floor(i / side)]
    const [left, right, top, bottom] = [edge(x, width), Math.max(edge(x + 1, width), edge(x, width) + 1), edge(y, height), Math.max(edge(y + 1, height), edge(y, height) + 1)] // prettier-ignore
    for (let c = 0; c < 3; c++) {
      let sum = 0
      for (let v = top; v < bottom; v++) for (let u = left; u < right; u++) sum += data[(v * width + u) * 3 + c] ?? 0
      small[i * 3 + c] = Math.round(sum / ((right - left) * (bottom - top)))
    }
  }
  return small
}
