// An adapter of any kind as a plain LoRA, for programs that know no other: what is a pair already stays one to the bit, all else becomes the nearest
// pair of its rank (Eckart and Young 1936), and how near is told layer by layer. O outputs, I inputs, R rank.
import { setImmediate } from 'node:timers/promises'
import type { Adapter, AdapterModule, Component } from '../adapters/adapter.ts'
import { isOfBias, type BaseWeight } from '../adapters/term.ts'
import { loraModule } from '../adapters/variants/lora.ts'
import { moduleRank } from '../adapters/variants/variant.ts'
import type { Multiply } from '../linear-algebra/product.ts'
import { PigmentError } from '../requests/error.ts'
import type { MergedLayerReport, MergeReport } from '../requests/merge.ts'
import { elementCount } from '../tensor/tensor.ts'
import type { RankWanted } from './at-rank.ts'
import { finished } from './finish.ts'
import { layerName, partOf, sumOf, termsOn } from './layer.ts'
import type { MergeStep } from './merge.ts'
import { svd } from './methods/svd.ts'
import { reportOf } from './report.ts'

export interface AsLoraOptions extends RankWanted {
  /** Ranks beside those that a layer has, for what magnitudes and rotations add to it. */
  readonly extraRank?: number | undefined
  readonly base: (component: Component, path: string) => BaseWeight | undefined
  readonly multiply?: Multiply
  readonly signal?: AbortSignal | undefined
}

const usualExtraRank = 16
/** Of what has no rank of its own. */
const wholeRank = 32

/** Throws `adapter-no-lora` where nothing of it can be one, `merge-not-finite`, and what reading the base's weights throws. */
export async function* asLora(
  adapter: Adapter,
  options: AsLoraOptions,
): AsyncGenerator<MergeStep, { readonly adapter: Adapter; readonly report: MergeReport }> {
  const groups = Map.groupBy(adapter.modules, layerName)
  const modules: AdapterModule[] = []
  const byLayer: MergedLayerReport[] = []
  const leftOut: { layer: string; reason: string }[] = []
  let done = 0
  for (const [layer, group] of groups) {
    yield { done: done++, total: groups.size }
    // Who asks to stop is heard here.
    await setImmediate()
    options.signal?.throwIfAborted()
    const made = await converted(group, options)
    leftOut.push(...made.reasons.map((reason) => ({ layer, reason })))
    if (made.report) byLayer.push(made.report)
    if (made.module) modules.push(made.module)
  }
  yield { done, total: groups.size }
  if (modules.length > 0) return { adapter: { ...adapter, modules }, report: reportOf(svd, byLayer, leftOut) }
  throw new PigmentError(
    'adapter-no-lora',
    `Nothing of "${adapter.name}" can be said as a LoRA: ${leftOut[0]?.reason ?? 'it changes nothing.'} Choose another format, or merge it into the model.`,
    { name: adapter.name, layers: groups.size },
  )
}

interface Converted {
  readonly module?: AdapterModule | undefined
  readonly report?: MergedLayerReport
  readonly reasons: readonly string[]
}

async function converted(group: readonly AdapterModule[], { base, multiply, ...wanted }: AsLoraOptions): Promise<Converted> {
  const [first] = group
  const weight = first && base(first.component, first.path)
  if (!first || !weight) return { reasons: ['The base model has no weight of this name.'] }
  const { shape } = weight
  const [rows = 0, ...window] = shape
  if (window.length === 0) return { reasons: ['It changes a vector, and a LoRA changes matrices alone.'] }
  const terms = await termsOn(weight, group)
  const part = await partOf(0, 1, terms, weight)
  const reasons = terms.some(isOfBias) ? ['It changes the bias of the layer, which a LoRA has no place for.'] : []
  if (!part) return { reasons }
  const layer = { component: first.component, path: first.path, shape, rows, columns: elementCount(window), parts: [part] }
  // Its factors say it exactly, and nobody asked for less.
  const kept = part.factors !== undefined && wanted.rank === undefined && wanted.energy === undefined
  const ranked = kept ? {} : { energy: wanted.energy, rank: rankOf(group, wanted) }
  const { pair, report } = await finished(layer, sumOf(layer), { rank: kept ? 'kept' : 'largest' }, ranked, multiply)
  const found = kept ? (part.pair ?? pair) : pair
  return { module: found && loraModule(first, found), report, reasons }
}

/** With an energy as many as that takes, up to the rank that is asked for. */
function rankOf(group: readonly AdapterModule[], { rank, energy, extraRank = usualExtraRank }: Omit<AsLoraOptions, 'base'>): number {
  if (rank !== undefined || energy !== undefined) return rank ?? Infinity
  const own = group.flatMap((module) => moduleRank(module) ?? [])
  return own.length > 0 ? Math.max(...own) + extraRank : wholeRank
}
