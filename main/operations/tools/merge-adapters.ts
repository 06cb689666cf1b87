import { stat } from 'node:fs/promises'
import { writeAdapter } from '../../../engine/adapter-formats/read.ts'
import { skippedReasons, type Adapter, type AdapterModule } from '../../../engine/adapters/adapter.ts'
import { familyCalled } from '../../../engine/models/family-called.ts'
import { mergeAdapters as merge } from '../../../engine/merging/merge.ts'
import { mergeMetadata } from '../../../engine/merging/metadata.ts'
import { mergeMethods } from '../../../engine/merging/methods/index.ts'
import { mergeRequest, type MergeReport, type MergeRequest } from '../../../engine/requests/merge.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import { chosenOf } from '../../../engine/requests/own-options.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { adapterName } from '../adapter-files.ts'
import type { StepEvent, WarningEvent } from '../events.ts'
import { loraHash } from '../load-loras.ts'
import type { LoraChoice } from '../lora-choice.ts'
import { prepareOutput } from '../output-file.ts'
import { readTogether, weightsOf } from '../read-together.ts'
import { precisionOf, type StoredPrecision } from '../stored-precision.ts'
import { tellingSteps } from '../telling-steps.ts'

interface MergeTask extends MergeRequest {
  readonly files: readonly LoraChoice[]
  /** The checkpoint that they are for; else that of the known ones which fits. */
  readonly model?: string | undefined
  /** A `.safetensors` file; without it nothing is written. */
  readonly out?: string | undefined
  /** As all of them are, or fp32. */
  readonly precision?: StoredPrecision | undefined
  readonly title?: string | undefined
}

export interface MergedAdapters extends MergeReport {
  readonly base: string
  readonly from: readonly { readonly name: string; readonly hash: string; readonly weight: number; readonly layers: number }[]
  readonly written?: { readonly out: string; readonly sizeBytes: number; readonly precision: StoredPrecision }
}

/**
 * Several adapters as one, reported layer by layer, and written where that is asked. Throws `merge-families-differ`, `merge-needs-base` and what
 * `mergeAdapters` of the engine throws.
 */
export async function mergeAdapters(
  { files, model, out, precision, title, ...request }: MergeTask,
  { emit, signal }: OperationContext<WarningEvent | StepEvent>,
): Promise<MergedAdapters> {
  const target = out === undefined ? undefined : await prepareOutput(out, '.safetensors')
  const chosen = chosenOf({ field: 'method', choices: mergeMethods, request: mergeRequest }, request)
  if (!chosen) throw new Error(`There is no way of merging called "${request.method}".`)
  const { adapters, base } = await readTogether(
    files.map(({ file }) => file),
    model,
  )
  for (const adapter of adapters) tellLeftOut(adapter, emit)
  const { rank, energy, seed } = request
  const stack = adapters.map((adapter, i) => ({ ...files[i], weight: files[i]?.weight ?? 1, enabled: files[i]?.enabled ?? true, adapter }))
  const { family, layout } = base.modules
  const blockOf = (path: string): string | undefined => familyCalled(family).block(path, layout)
  const asked = { blockOf, stack, method: chosen.one, options: chosen.options, seed, rank, energy, base: await weightsOf(base), signal }
  const { modules, report } = await tellingSteps(merge(asked), emit)
  const from = await Promise.all(
    stack.map(async ({ adapter, weight, textWeight }, i) => {
      const hash = await loraHash(files[i]?.file ?? '', adapter.metadata.sshs_model_hash)
      return { adapter, hash, weight, textWeight }
    }),
  )
  const told = {
    ...report,
    base: base.title,
    from: from.map(({ adapter, hash, weight }) => ({ name: adapter.name, hash, weight, layers: adapter.modules.length })),
  }
  if (target === undefined) return told
  const stored = precision ?? (await commonPrecision(files))
  const recipe = { method: request.method, options: chosen.options, rank, energy, seed }
  const name = title ?? adapterName(target)
  const metadata = mergeMetadata({ title: name, family, from, request: recipe, report })
  if (stored === 'fp16') refuseOverflow(modules)
  await writeAdapter({ name, modules, metadata, skipped: [] }, 'kohya', target, { modules: base.modules, precision: stored })
  return { ...told, written: { out: target, sizeBytes: (await stat(target)).size, precision: stored } }
}

async function commonPrecision(files: readonly LoraChoice[]): Promise<StoredPrecision> {
  const all = new Set(await Promise.all(files.map(({ file }) => precisionOf(file))))
  const [only] = all
  return all.size === 1 && only ? only : 'fp32'
}

const largestHalf = 65_504

function refuseOverflow(modules: readonly AdapterModule[]): void {
  for (const { component, path, tensors } of modules)
    for (const { data } of Object.values(tensors))
      if (data.some((value) => Math.abs(value) > largestHalf))
        throw new PigmentError(
          'merge-over-half',
          `Layer "${component}.${path}" of the result holds numbers beyond ${largestHalf}, the largest of fp16. Choose fp32 or bf16 as precision, or smaller strengths.`,
          { layer: `${component}.${path}`, largest: largestHalf },
        )
}

function tellLeftOut({ name, skipped }: Adapter, emit: (event: WarningEvent) => void): void {
  if (skipped.length === 0) return
  const reasons = skippedReasons(skipped)
  const message = `"${name}": ${skipped.length} of its tensors are not used. ${reasons.slice(0, 3).join(' ')}`
  emit({ type: 'warning', code: 'adapter-partly-used', message, facts: { file: name, skipped: skipped.length, reasons } })
}
