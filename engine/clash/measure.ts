// Every layer that a stack touches, measured at strength 1: made once for its files, whatever strengths are asked about later.
import type { Adapter, AdapterModule, Component } from '../adapters/adapter.ts'
import type { BaseWeight } from '../adapters/term.ts'
import { variantCalled } from '../adapters/variants/variant.ts'
import { PigmentError } from '../requests/error.ts'
import { layerFactors, type LayerFactors } from './factors.ts'
import { meanAfterNorm, normBefore } from './mean-input.ts'
import { measureLayer, type Gram, type LayerMeasure } from './measure-layer.ts'

/** The base model as far as it is at hand. */
export interface ClashBase {
  /** Of layers, and of the norms before them; undefined for what it does not have. Its `read` throws `merge-needs-base` where only shapes are known. */
  readonly weight: (component: Component, path: string) => BaseWeight | undefined
  /** The block of strengths that a layer belongs to, if to any. */
  readonly blockOf: (component: Component, path: string) => string | undefined
}

export interface MeasuredLayer extends LayerMeasure {
  readonly component: Component
  readonly path: string
  readonly block: string | undefined
}

/** Layers of an adapter that are not in the measures. */
export interface Unmeasured {
  readonly adapter: number
  readonly reason: 'needs-base' | 'shift'
  readonly layers: number
}

export interface Measures {
  readonly layers: readonly MeasuredLayer[]
  readonly unmeasured: readonly Unmeasured[]
}

export interface MeasureOptions {
  /** In place of the one in JavaScript. */
  readonly gram?: Gram | undefined
  readonly signal?: AbortSignal
}
export interface MeasureStep {
  readonly done: number
  readonly total: number
}

/** Tells of its steps. Throws what reading the base's weights throws. */
export async function* measure(
  adapters: readonly Adapter[],
  base: ClashBase,
  { gram, signal }: MeasureOptions = {},
): AsyncGenerator<MeasureStep, Measures> {
  const places = new Map<string, { readonly first: AdapterModule; readonly modules: [adapter: number, module: AdapterModule][] }>()
  for (const [i, { modules }] of adapters.entries())
    for (const module of modules) {
      const key = `${module.component}.${module.path}`
      const known = places.get(key) ?? { first: module, modules: [] }
      known.modules.push([i, module])
      places.set(key, known)
    }
  const layers: MeasuredLayer[] = []
  const left = new Left()
  let done = 0
  for (const { first, modules } of places.values()) {
    const { component, path } = first
    const weight = base.weight(component, path)
    const present: (readonly [number, LayerFactors])[] = []
    for (const [adapter, module] of weight ? modules : []) {
      const factors = await factorsOf(module, weight as BaseWeight)
      if (typeof factors === 'string') left.count(adapter, factors)
      else present.push([adapter, factors])
    }
    if (present.length > 0)
      layers.push({
        component,
        path,
        block: base.blockOf(component, path),
        ...(await measureLayer(present, { gram, mean: await meanInput(base, component, path) })),
      })
    done++
    if (done % 16 > 0) continue
    // Others wait for the same worker.
    await new Promise(setImmediate)
    signal?.throwIfAborted()
    yield { done, total: places.size }
  }
  return { layers, unmeasured: left.all }
}

/** Undefined where the base's norms are not at hand. */
async function meanInput(base: ClashBase, component: Component, path: string): Promise<Float64Array | undefined> {
  const norm = normBefore(component, path)
  const weight = norm === undefined ? undefined : base.weight(component, norm)
  return weight && meanAfterNorm(weight)
}

async function factorsOf(module: AdapterModule, weight: BaseWeight): Promise<LayerFactors | Unmeasured['reason']> {
  try {
    return (await layerFactors(await variantCalled(module.variant).terms(module, weight), weight)) ?? 'shift'
  } catch (error) {
    if (error instanceof PigmentError && error.code === 'merge-needs-base') return 'needs-base'
    throw error
  }
}

class Left {
  readonly all: { readonly adapter: number; readonly reason: Unmeasured['reason']; layers: number }[] = []
  count(adapter: number, reason: Unmeasured['reason']): void {
    const known = this.all.find((one) => one.adapter === adapter && one.reason === reason)
    if (known) known.layers++
    else this.all.push({ adapter, reason, layers: 1 })
  }
}
