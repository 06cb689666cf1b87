// Adapters into one, layer by layer: of the whole changes no more than one layer's is in memory at a time.
import { setImmediate } from 'node:timers/promises'
import { isEmbedding, type AdapterModule, type Component } from '../adapters/adapter.ts'
import { loraModule } from '../adapters/variants/lora.ts'
import { activeModules, type StackEntry } from '../adapters/stack.ts'
import type { BaseWeight } from '../adapters/term.ts'
import type { Multiply } from '../linear-algebra/product.ts'
import { PigmentError } from '../requests/error.ts'
import type { MergedLayerReport, MergeReport } from '../requests/merge.ts'
import { allFinite, elementCount } from '../tensor/tensor.ts'
import type { RankWanted } from './at-rank.ts'
import { maskOf } from './draw-mask.ts'
import { finished, type Finished } from './finish.ts'
import { layerName, partOf, termsOn, type Layer, type Part } from './layer.ts'
import type { MergeMethod } from './method.ts'
import { addedUp, type Acting } from './added-up.ts'
import { reportOf } from './report.ts'

export interface MergeInput extends RankWanted {
  /** Read on the same base. */
  readonly stack: readonly StackEntry[]
  readonly method: MergeMethod
  /** Complete. */
  readonly options: Readonly<Record<string, unknown>>
  readonly seed: number
  /** The block of strengths that a layer of the UNet belongs to, if to any. */
  readonly blockOf: (path: string) => string | undefined
  /** The weight that a module stands on; what its values are is asked only where an adapter depends on them. */
  readonly base: (component: Component, path: string) => BaseWeight | undefined
  /** A faster product for large layers. */
  readonly multiply?: Multiply
  readonly signal?: AbortSignal
}

export interface MergeStep {
  readonly done: number
  readonly total: number
}

export interface MergeResult {
  readonly modules: readonly AdapterModule[]
  readonly report: MergeReport
}

const components: readonly Component[] = ['unet', 'text_encoder', 'text_encoder_2']

interface Place {
  readonly component: Component
  readonly path: string
  /** By the number of the adapter. */
  readonly acting: ReadonlyMap<number, { readonly modules: AdapterModule[]; readonly weight: number }>
}

/**
 * One plain LoRA from the adapters of a stack. Throws `merge-weights-zero`, `merge-nothing-common`, `merge-rank-kept`, `merge-empty`,
 * `merge-not-finite`, `merge-method-unfit` and what reading the base's weights throws.
 */
export async function* mergeAdapters(input: MergeInput): AsyncGenerator<MergeStep, MergeResult> {
  const places = placesOf(input)
  refuse(input, places)
  const modules: AdapterModule[] = []
  const byLayer: MergedLayerReport[] = []
  const leftOut: { layer: string; reason: string }[] = []
  let summed = 0
  for (const [done, place] of places.entries()) {
    yield { done, total: places.length }
    // Who asks to stop is heard here.
    await setImmediate()
    input.signal?.throwIfAborted()
    const weight = input.base(place.component, place.path)
    if (!weight) {
      leftOut.push({ layer: layerName(place), reason: 'The base model has no weight of this name.' })
      continue
    }
    const acting = await actingOf(place, weight)
    const closed = weight.shape.length === 1 || isEmbedding(place.path)
    const added = await addedUp(place, acting, weight, closed)
    modules.push(...added)
    summed += added.length
    const layer = closed ? undefined : await layerOf(place, acting, weight)
    if (!layer) continue
    const { pair, report } = await mergedLayer(input, layer)
    byLayer.push(report)
    if (pair) modules.push(loraModule(place, pair))
  }
  yield { done: places.length, total: places.length }
  if (modules.length === 0)
    throw new PigmentError(
      'merge-empty',
      'Nothing remains of these adapters: what they do cancels out in every layer. Choose other strengths or another method.',
      { layers: places.length },
    )
  return { modules, report: reportOf(input.method, byLayer, leftOut, summed) }
}

/** The layers that active adapters act on, with their modules there. */
function placesOf({ stack, blockOf }: MergeInput): Place[] {
  return components.flatMap((component) => {
    const place = { component, blockOf: component === 'unet' ? blockOf : () => 'BASE' }
    const found = new Map<string, Map<number, { modules: AdapterModule[]; weight: number }>>()
    for (const [source, entry] of stack.entries())
      for (const [path, active] of activeModules([entry], place)) {
        const acting = found.get(path) ?? new Map<number, { modules: AdapterModule[]; weight: number }>()
        found.set(path, acting.set(source, { modules: active.map(({ module }) => module), weight: active[0]?.weight ?? 0 }))
      }
    return [...found].map(([path, acting]) => ({ component, path, acting }))
  })
}

function refuse({ stack, method, rank, energy }: MergeInput, places: readonly Place[]): void {
  if (places.length === 0)
    throw new PigmentError(
      'merge-weights-zero',
      'All strengths are 0, so that nothing would remain. Give at least one adapter a strength.',
      {
        adapters: stack.length,
      },
    )
  const acting = new Set(places.flatMap((place) => [...place.acting.keys()]))
  if (acting.size > 1 && !places.some((place) => place.acting.size > 1))
    throw new PigmentError(
      'merge-nothing-common',
      `No layer is changed by more than one of these adapters (${[...acting].map((i) => `"${stack[i]?.adapter.name}"`).join(', ')}), so that there is nothing to merge. Use them side by side, as a stack.`,
      { adapters: [...acting].map((i) => stack[i]?.adapter.name) },
    )
  if (method.rank === 'kept' && (rank !== undefined || energy !== undefined))
    throw new PigmentError(
      'merge-rank-kept',
      `The method "${method.name}" keeps every rank that it makes, and ${rank === undefined ? `an energy of ${energy}` : `a rank of ${rank}`} was asked for. Leave it out, or choose the method "svd".`,
      { method: method.name, rank, energy },
    )
}

async function actingOf({ acting }: Place, base: BaseWeight): Promise<readonly Acting[]> {
  return Promise.all([...acting].map(async ([source, { modules, weight }]) => ({ source, weight, terms: await termsOn(base, modules) })))
}

async function layerOf({ component, path }: Place, acting: readonly Acting[], base: BaseWeight): Promise<Layer | undefined> {
  const parts: Part[] = []
  for (const { source, weight, terms } of acting) {
    const part = await partOf(source, weight, terms, base)
    if (part) parts.push(part)
  }
  const { shape } = base
  const [rows = 0, ...window] = shape
  return parts.length === 0 ? undefined : { component, path, shape, rows, columns: elementCount(window), parts }
}

async function mergedLayer({ method, options, seed, rank, energy, multiply }: MergeInput, layer: Layer): Promise<Finished> {
  try {
    const made = method.merge(layer, options, maskOf(seed, layer))
    const result = await finished(layer, made, method, { rank, energy }, multiply)
    if (result.pair && !(allFinite(result.pair.up.data) && allFinite(result.pair.down.data))) throw notFinite(layer)
    return result
  } catch (error) {
    throw error instanceof PigmentError && error.code === 'matrix-not-finite' ? notFinite(layer, error) : error
  }
}

const notFinite = (layer: Layer, cause?: unknown): PigmentError =>
  new PigmentError(
    'merge-not-finite',
    `Layer "${layerName(layer)}" of the result holds numbers beyond what fp32 has. Choose smaller strengths (here ${layer.parts.map(({ weight }) => weight).join(', ')}).`,
    { layer: layerName(layer), weights: layer.parts.map(({ weight }) => weight) },
    cause,
  )
