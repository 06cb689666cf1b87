import { stat } from 'node:fs/promises'
import { writeAdapter } from '../../../engine/adapter-formats/read.ts'
import { skippedReasons, type Adapter } from '../../../engine/adapters/adapter.ts'
import { mergeAdapters as merge } from '../../../engine/merging/merge.ts'
import { mergeMetadata, type MergedFrom } from '../../../engine/merging/metadata.ts'
import { mergeMethods } from '../../../engine/merging/methods/index.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { familyCalled } from '../../../engine/models/family-called.ts'
import { mergeRequest, type MergeReport, type MergeRequest } from '../../../engine/requests/merge.ts'
import { chosenOf } from '../../../engine/requests/own-options.ts'
import type { Strength } from '../../../engine/requests/strength.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { adapterName } from '../adapter-files.ts'
import { bakedModel, formatFor, type BakeEvent, type BakedModel } from '../baked-model.ts'
import type { StepEvent, WarningEvent } from '../events.ts'
import { LargeProducts } from '../large-products.ts'
import { loraHash } from '../load-loras.ts'
import { refuseOverHalf } from '../over-half.ts'
import { prepareOutput } from '../output-file.ts'
import { readTogether, weightsOf } from '../read-together.ts'
import { precisionOf, type StoredPrecision } from '../stored-precision.ts'
import { tellingSteps } from '../telling-steps.ts'

interface MergeTask extends MergeRequest {
  readonly files: readonly (Strength & { readonly file: string; readonly enabled?: boolean })[]
  /** The checkpoint that they are for; else that of the known ones which fits. */
  readonly model?: string | undefined
  /** A `.safetensors` file, or what the checkpoint with the result in it becomes; without it nothing is written. */
  readonly out?: string | undefined
  /** Into a copy of this checkpoint, in place of an adapter. */
  readonly into?: string | undefined
  /** As all of them are, or fp32; of a checkpoint as each tensor is. */
  readonly precision?: StoredPrecision | undefined
  readonly title?: string | undefined
}

export interface MergedAdapters extends MergeReport {
  readonly base: string
  readonly from: readonly { readonly name: string; readonly hash: string; readonly weight: number; readonly layers: number }[]
  readonly written?: { readonly out: string; readonly sizeBytes: number; readonly precision: StoredPrecision } | BakedModel
}

/**
 * Several adapters as one, reported layer by layer, and written where that is asked. Throws `merge-families-differ`, `merge-needs-base` and what
 * `mergeAdapters` of the engine throws.
 */
export async function mergeAdapters(
  { files, model, out, into, precision, title, ...request }: MergeTask,
  context: OperationContext<WarningEvent | StepEvent | BakeEvent>,
): Promise<MergedAdapters> {
  const { emit, signal } = context
  const paths = files.map(({ file }) => file)
  const target = out === undefined || into !== undefined ? out : await prepareOutput(out, '.safetensors', paths)
  const chosen = chosenOf({ field: 'method', choices: mergeMethods, request: mergeRequest }, request)
  if (!chosen) throw new Error(`There is no way of merging called "${request.method}".`)
  const { adapters, base } = await readTogether(paths, into ?? model)
  for (const adapter of adapters) tellLeftOut(adapter, emit)
  const stack = files.map(({ enabled = true, ...strength }, i) => ({ ...strength, enabled, adapter: adapters[i] as Adapter }))
  const { family, layout } = base.modules
  const { rank, energy, seed } = request
  const asked = { stack, method: chosen.one, options: chosen.options, seed, rank, energy, base: await weightsOf(base), signal }
  const blockOf = (path: string): string | undefined => familyCalled(family).block(path, layout)
  await using products = new LargeProducts()
  const { multiply } = products
  const { modules, report } = await tellingSteps(merge({ ...asked, multiply, blockOf }), emit)
  const from: MergedFrom[] = await Promise.all(
    stack.map(async ({ file, ...entry }) => ({ ...entry, hash: await loraHash(file, entry.adapter.metadata.sshs_model_hash) })),
  )
  const told = {
    ...report,
    leftOut: [...report.leftOut, ...adapters.flatMap(embeddingsOf)],
    base: base.title,
    from: from.map(({ adapter, hash, weight }) => ({ name: adapter.name, hash, weight, layers: adapter.modules.length })),
  }
  if (target === undefined) return told
  const name = title ?? adapterName(target)
  const recipe = { method: request.method, options: chosen.options, rank, energy, seed }
  const merged = { name, modules, metadata: mergeMetadata({ title: name, family, from, request: recipe, report }), skipped: [] }
  if (into !== undefined) {
    const checkpoint = await openCheckpoint(into)
    const stack = [{ adapter: merged, weight: 1, enabled: true }]
    const format = formatFor('checkpoint', checkpoint, target)
    return { ...told, written: await bakedModel({ checkpoint, stack, format, out: target, precision }, context) }
  }
  const stored = precision ?? (await commonPrecision(paths))
  if (stored === 'fp16')
    for (const { component, path, tensors } of modules)
      for (const { data } of Object.values(tensors)) refuseOverHalf(`${component}.${path}`, data)
  await writeAdapter(merged, 'kohya', target, { modules: base.modules, precision: stored })
  return { ...told, written: { out: target, sizeBytes: (await stat(target)).size, precision: stored } }
}

/** A merge has no place for textual inversions: whose words they are would be lost among those of the others. */
const embeddingsOf = ({ name: adapter, embeddings = [] }: Adapter): MergeReport['leftOut'] =>
  embeddings.map(({ names }) => ({
    layer: `embedding:${names[0] ?? ''}`,
    reason: `The embedding that came with "${adapter}" is no weight that could be merged. Where its word is to be called, keep it as a file of its own.`,
  }))

async function commonPrecision(files: readonly string[]): Promise<StoredPrecision> {
  const all = new Set(await Promise.all(files.map(precisionOf)))
  const [only] = all
  return all.size === 1 && only ? only : 'fp32'
}

function tellLeftOut({ name, skipped }: Adapter, emit: (event: WarningEvent) => void): void {
  if (skipped.length === 0) return
  const reasons = skippedReasons(skipped)
  const message = `"${name}": ${skipped.length} of its tensors are not used. ${reasons.slice(0, 3).join(' ')}`
  emit({ type: 'warning', code: 'adapter-partly-used', message, facts: { file: name, skipped: skipped.length, reasons } })
}
