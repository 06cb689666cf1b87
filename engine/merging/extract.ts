// The difference of two checkpoints as an adapter: layer by layer, each read when its turn comes, so that neither is in memory as a whole.
import { setImmediate } from 'node:timers/promises'
import { splitModuleKey, type ModuleShapes } from '../adapter-formats/base-modules.ts'
import type { AdapterModule, Component } from '../adapters/adapter.ts'
import type { BaseWeight } from '../adapters/term.ts'
import { loraModule } from '../adapters/variants/lora.ts'
import { matrixOf } from '../linear-algebra/matrix.ts'
import type { Multiply } from '../linear-algebra/product.ts'
import { PigmentError } from '../requests/error.ts'
import type { MergedLayerReport, MergeReport } from '../requests/merge.ts'
import { allFinite } from '../tensor/tensor.ts'
import type { RankWanted } from './at-rank.ts'
import { finished } from './finish.ts'
import type { MergeStep } from './merge.ts'
import { reportOf } from './report.ts'

type WeightsOf = (component: Component, path: string) => BaseWeight | undefined

export interface ExtractInput extends RankWanted {
  readonly shapes: ModuleShapes['shapes']
  readonly tuned: WeightsOf
  readonly base: WeightsOf
  /** A layer none of whose numbers differs by more is taken to be the same. */
  readonly leastDifference: number
  readonly multiply?: Multiply
  readonly signal?: AbortSignal
}

export interface Extracted {
  readonly modules: readonly AdapterModule[]
  readonly report: MergeReport
  /** Layers that are the same. */
  readonly same: number
}

/** Throws `extract-nothing`, `extract-not-finite` and what reading throws. */
export async function* extractAdapter({
  shapes,
  tuned,
  base,
  leastDifference,
  rank,
  energy,
  multiply,
  signal,
}: ExtractInput): AsyncGenerator<MergeStep, Extracted> {
  const modules: AdapterModule[] = []
  const byLayer: MergedLayerReport[] = []
  const leftOut: { layer: string; reason: string }[] = []
  let same = 0
  for (const [done, [key, shape]] of [...shapes].entries()) {
    yield { done, total: shapes.size }
    await setImmediate()
    signal?.throwIfAborted()
    const place = splitModuleKey(key)
    const [after, before] = [tuned, base].map((weights) => weights(place.component, place.path))
    if (!after || !before || after.shape.join() !== before.shape.join()) {
      leftOut.push({ layer: key, reason: 'The checkpoints have other shapes there.' })
      continue
    }
    const data = difference((await after.read()).data, (await before.read()).data)
    if (!allFinite(data)) throw notFinite(key)
    if (!data.some((value) => Math.abs(value) > leastDifference)) {
      same++
      continue
    }
    const whole = matrixOf({ shape, data })
    const part = { source: 0, weight: 1, delta: () => ({ ...whole, data }) }
    const layer = { ...place, shape, rows: whole.rows, columns: whole.columns, parts: [part] }
    const { pair, report } = await finished(layer, whole, { rank: 'largest' }, { rank, energy }, multiply)
    byLayer.push(report)
    if (pair) modules.push(loraModule(place, pair))
  }
  yield { done: shapes.size, total: shapes.size }
  if (modules.length === 0)
    throw new PigmentError(
      'extract-nothing',
      `None of the ${same} layers of the two checkpoints differs by more than ${leastDifference}: there is nothing to extract. Name the tuned checkpoint and the one that it was made from.`,
      { same, leastDifference },
    )
  return { modules, same, report: reportOf({ name: 'extract', title: 'Difference of two checkpoints' }, byLayer, leftOut) }
}

/** a − b, written over a. */
function difference(a: Float32Array, b: Float32Array): Float32Array {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] as number) - (b[i] as number)
  return a
}

const notFinite = (layer: string): PigmentError =>
  new PigmentError(
    'extract-not-finite',
    `The difference of layer "${layer}" holds numbers that are not finite: one of the checkpoints is damaged. Get another copy of it.`,
    { layer },
  )
