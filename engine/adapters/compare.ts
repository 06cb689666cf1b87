// How far two adapters differ in what they do to a model, by what their variants make of it.
import type { Adapter, AdapterModule } from './adapter.ts'
import { variantCalled } from './variants/variant.ts'

export interface AdapterDifference {
  /** Every tensor and alpha is bit for bit the same. */
  readonly identical: boolean
  /** The largest difference of two stored values, alpha / R counted into the up side. */
  readonly maxDifference: number
  /** The largest ‖ΔW − ΔW′‖ / ‖ΔW‖ of a layer. */
  readonly maxRelativeL2: number
  /** Layers that only one of the two has. */
  readonly missing: readonly string[]
}

export function compareAdapters(a: Adapter, b: Adapter): AdapterDifference {
  const [own, theirs] = [a, b].map(({ modules }) => modules.map((module) => variantCalled(module.variant).plain?.(module) ?? module))
  // What may stand beside another on one layer is compared with its like.
  const key = ({ component, path, variant }: AdapterModule): string =>
    `${component}.${path}${variantCalled(variant).apart ? ` (${variantCalled(variant).title})` : ''}`
  const others = new Map(theirs?.map((module) => [key(module), module]))
  const missing: string[] = []
  let maxDifference = 0
  let maxRelativeL2 = 0
  let identical = own?.length === theirs?.length
  for (const module of own ?? []) {
    const other = others.get(key(module))
    others.delete(key(module))
    if (!other) {
      missing.push(key(module))
      continue
    }
    const difference = valueDifference(module, other)
    maxDifference = Math.max(maxDifference, difference)
    if (difference !== 0) maxRelativeL2 = Math.max(maxRelativeL2, distance(module, other))
    identical &&= difference === 0 && module.alpha === other.alpha
  }
  missing.push(...others.keys())
  return { identical: identical && missing.length === 0, maxDifference, maxRelativeL2, missing }
}

/** Infinity for modules of different variants: only the base's weights could tell. */
function distance(a: AdapterModule, b: AdapterModule): number {
  return a.variant === b.variant ? variantCalled(a.variant).distance(a, b) : Infinity
}

function valueDifference(a: AdapterModule, b: AdapterModule): number {
  const [variant, other] = [variantCalled(a.variant), variantCalled(b.variant)]
  if (variant !== other || variant.rank(a) !== variant.rank(b)) return Infinity
  const others = variant.values(b)
  let largest = 0
  for (const [i, [x, s]] of variant.values(a).entries()) {
    const [y, t] = others[i] ?? [x, s]
    if (x.length !== y.length) largest = Infinity
    for (let j = 0; j < x.length; j++) largest = Math.max(largest, Math.abs((x[j] ?? 0) * s - (y[j] ?? 0) * t))
  }
  return largest
}
