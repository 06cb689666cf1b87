// A stack of adapters as graph inputs: ranks concatenated, weights and scales multiplied into B. Exact for any mix of ranks.
import type { Tensor } from '../tensor/tensor.ts'
import type { Adapter, Component, LoraModule } from './adapter.ts'

export interface StackEntry {
  readonly adapter: Adapter
  /** User strength; may be negative. */
  readonly weight: number
  /** Strength in the text encoders, where it is another. */
  readonly textWeight?: number
  readonly enabled: boolean
  /** Words that call the adapter, where somebody knows better than its metadata. */
  readonly triggers?: readonly string[]
}

/** A module that the graph leaves open for adapters. */
export interface AdaptedModule {
  readonly path: string
  /** (O, I), or (O, I, k, k) for a convolution. */
  readonly weight: readonly number[]
}

export const inputNameA = (path: string): string => `lora.A/${path}`
export const inputNameB = (path: string): string => `lora.B/${path}`

/** Strength of an entry in one network; 0 where it is off. */
export function weightIn({ weight, textWeight = weight, enabled }: Omit<StackEntry, 'adapter'>, component: Component): number {
  return !enabled ? 0 : component === 'unet' ? weight : textWeight
}

/** Whether an entry changes anything. */
export const acts = (entry: Omit<StackEntry, 'adapter'>): boolean => weightIn(entry, 'unet') !== 0 || weightIn(entry, 'text_encoder') !== 0

/** The modules of the active entries, by `component.path`, each with its entry's weight. */
export function activeModules(stack: readonly StackEntry[], component: Component): Map<string, { module: LoraModule; weight: number }[]> {
  const found = new Map<string, { module: LoraModule; weight: number }[]>()
  for (const entry of stack) {
    const weight = weightIn(entry, component)
    if (weight === 0) continue
    for (const module of entry.adapter.modules) {
      if (module.component !== component) continue
      const known = found.get(module.path)
      if (known) known.push({ module, weight })
      else found.set(module.path, [{ module, weight }])
    }
  }
  return found
}

/**
 * Feeds for every adapted module: A (R, I) and B (O, R), for a convolution (R, I, k, k) and (O, R, 1, 1), with R = Σ ranks, at least `minimumRank`:
 * missing ranks are zeros. Where nothing is active R is 0, and 1 for a convolution, which no runtime knows without channels.
 */
export function stackFeeds(
  stack: readonly StackEntry[],
  component: Component,
  adapted: readonly AdaptedModule[],
  minimumRank = 0,
): Record<string, Tensor> {
  const active = activeModules(stack, component)
  const feeds: Record<string, Tensor> = {}
  for (const { path, weight: shape } of adapted) {
    const [outputs = 0, ...window] = shape
    const kernel = window.slice(1)
    const inputs = window.reduce((a, b) => a * b, 1)
    const parts = active.get(path) ?? []
    const total = Math.max(
      kernel.length > 0 ? 1 : minimumRank,
      parts.reduce((sum, { module }) => sum + rankOf(module), 0),
    )
    const a = new Float32Array(total * inputs)
    const b = new Float32Array(outputs * total)
    let at = 0
    for (const { module, weight } of parts) {
      const rank = rankOf(module)
      const scale = (weight * module.alpha) / rank
      a.set(module.down.data, at * inputs)
      for (let o = 0; o < outputs; o++) for (let r = 0; r < rank; r++) b[o * total + at + r] = (module.up.data[o * rank + r] ?? 0) * scale
      at += rank
    }
    feeds[inputNameA(path)] = { shape: [total, ...window], data: a }
    feeds[inputNameB(path)] = { shape: [outputs, total, ...kernel.map(() => 1)], data: b }
  }
  return feeds
}

export const rankOf = (module: LoraModule): number => module.down.shape[0] ?? 0

/** weight · (alpha / R) · up · down, added onto `base` (O, I…) in place: the folded form, for any kernel size. */
export function addDelta(base: Float32Array, module: LoraModule, weight: number): void {
  const rank = rankOf(module)
  const inputs = module.down.data.length / rank
  const outputs = module.up.data.length / rank
  const scale = (weight * module.alpha) / rank
  for (let o = 0; o < outputs; o++)
    for (let r = 0; r < rank; r++) {
      const factor = (module.up.data[o * rank + r] ?? 0) * scale
      if (factor === 0) continue
      for (let i = 0; i < inputs; i++) base[o * inputs + i] = (base[o * inputs + i] ?? 0) + factor * (module.down.data[r * inputs + i] ?? 0)
    }
}
