// What an adapter's own pictures lose when another is switched on beside it, at the same prompts and seeds. Fixed before anything was measured.
import { shippedClassifier, standardise, styleFeatures } from '../../../main/operations/style-score.ts'
import { retrievalFeatures } from '../retrieval.ts'

type Pictures = readonly Uint8Array[]

export interface Loss {
  /** How far the mean features of style moved, as a share of the way that the adapter itself moves them from the model alone. */
  readonly style: number
  /** How unlike each picture has become to itself, as a share of how unlike two pictures of different things are under the adapter. */
  readonly content: number
}

/** `alone`: by the adapter; `beside`: with the other too; `base`: by neither, all for the prompts that call the adapter. */
export function lossOf(alone: Pictures, beside: Pictures, base: Pictures): Loss {
  const [a, b, from] = [alone, beside, base].map(meanStyle) as [Float64Array, Float64Array, Float64Array]
  const [own, other] = [alone, beside].map((set) => set.map(retrievalFeatures)) as [Float32Array[], Float32Array[]]
  const kept = own.map((features, i) => 1 - cosine(features, other[i] as Float32Array))
  const apart = own.flatMap((features, i) => own.slice(i + 1).map((different) => 1 - cosine(features, different)))
  return { style: distance(b, a) / distance(a, from), content: mean(kept) / mean(apart) }
}

function meanStyle(pictures: Pictures): Float64Array {
  const net = shippedClassifier()
  const out = new Float64Array(net.mean.length)
  for (const rgb of pictures)
    for (const [i, value] of standardise(styleFeatures(rgb, net.filters, net.offsets), net.mean, net.scale).entries())
      out[i] = (out[i] ?? 0) + value / pictures.length
  return out
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
const cosine = (a: Float32Array, b: Float32Array): number => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
const distance = (a: Float64Array, b: Float64Array): number => Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] ?? 0)) ** 2, 0))
