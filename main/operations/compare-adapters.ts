// How far two adapters differ in what they do to a model: ΔW = (alpha / R) · B · A, never formed.
import type { Adapter, LoraModule } from '../../engine/adapters/adapter.ts'
import { rankOf } from '../../engine/adapters/stack.ts'

export interface AdapterDifference {
  /** Every down, up and alpha is bit for bit the same. */
  readonly identical: boolean
  /** The largest difference of two stored values, alpha / R counted into the up side. */
  readonly maxDifference: number
  /** The largest ‖ΔW − ΔW′‖ / ‖ΔW‖ of a layer. */
  readonly maxRelativeL2: number
  /** Layers that only one of the two has. */
  readonly missing: readonly string[]
}

export function compareAdapters(a: Adapter, b: Adapter): AdapterDifference {
  const key = ({ component, path }: LoraModule): string => `${component}.${path}`
  const others = new Map(b.modules.map((module) => [key(module), module]))
  const missing: string[] = []
  let maxDifference = 0
  let maxRelativeL2 = 0
  let identical = a.modules.length === b.modules.length
  for (const module of a.modules) {
    const other = others.get(key(module))
    others.delete(key(module))
    if (!other) {
      missing.push(key(module))
      continue
    }
    const difference = rankOf(module) === rankOf(other) ? valueDifference(module, other) : Infinity
    maxDifference = Math.max(maxDifference, difference)
    if (difference !== 0) maxRelativeL2 = Math.max(maxRelativeL2, deltaDistance(module, other))
    identical &&= difference === 0 && module.alpha === other.alpha
  }
  missing.push(...others.keys())
  return { identical: identical && missing.length === 0, maxDifference, maxRelativeL2, missing }
}

const scaleOf = (module: LoraModule): number => module.alpha / Math.max(rankOf(module), 1)

function valueDifference(a: LoraModule, b: LoraModule): number {
  let largest = 0
  const walk = (x: Float32Array, y: Float32Array, s: number, t: number): void => {
    if (x.length !== y.length) largest = Infinity
    for (let i = 0; i < x.length; i++) largest = Math.max(largest, Math.abs((x[i] ?? 0) * s - (y[i] ?? 0) * t))
  }
  walk(a.down.data, b.down.data, 1, 1)
  walk(a.up.data, b.up.data, scaleOf(a), scaleOf(b))
  return largest
}

/** ‖[sB, −s′B′] · [A; A′]‖ / ‖sBA‖, from the small Gram matrices: ‖BA‖² = tr(BᵀB · AAᵀ). */
function deltaDistance(a: LoraModule, b: LoraModule): number {
  const own = product(a, a)
  const squared = own - 2 * product(a, b) + product(b, b)
  return Math.sqrt(Math.max(squared, 0) / Math.max(own, Number.MIN_VALUE))
}

/** ⟨ΔW_a, ΔW_b⟩ = s·t · Σ_ij (B_aᵀB_b)_ij (A_a A_bᵀ)_ij. */
function product(a: LoraModule, b: LoraModule): number {
  const [ra, rb] = [rankOf(a), rankOf(b)]
  const inputs = a.down.data.length / ra
  const outputs = a.up.data.length / ra
  let sum = 0
  for (let i = 0; i < ra; i++)
    for (let j = 0; j < rb; j++) {
      let down = 0
      for (let k = 0; k < inputs; k++) down += (a.down.data[i * inputs + k] ?? 0) * (b.down.data[j * inputs + k] ?? 0)
      let up = 0
      for (let o = 0; o < outputs; o++) up += (a.up.data[o * ra + i] ?? 0) * (b.up.data[o * rb + j] ?? 0)
      sum += down * up
    }
  return sum * scaleOf(a) * scaleOf(b)
}
