import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { writeAdapter } from '../../../engine/adapter-formats/read.ts'
import { extractAdapter as extract } from '../../../engine/merging/extract.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { networkMetadata } from '../../../engine/merging/metadata.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { baseOf } from '../adapter-bases.ts'
import { adapterName } from '../adapter-files.ts'
import type { StepEvent } from '../events.ts'
import { LargeProducts } from '../large-products.ts'
import { refuseOverHalf } from '../over-half.ts'
import { prepareOutput } from '../output-file.ts'
import { weightsOf } from '../read-together.ts'
import type { StoredPrecision } from '../stored-precision.ts'
import { tellingSteps } from '../telling-steps.ts'

interface ExtractTask {
  /** Checkpoints. */
  readonly tuned: string
  readonly base: string
  readonly rank?: number | undefined
  readonly energy?: number | undefined
  readonly leastDifference: number
  /** A `.safetensors` file; without it nothing is written. */
  readonly out?: string | undefined
  readonly precision: StoredPrecision
  readonly title?: string | undefined
}

/** What one checkpoint has over another, as a LoRA. Throws `extract-families-differ` and what `extractAdapter` of the engine throws. */
export async function extractAdapter(
  { tuned, base, rank, energy, leastDifference, out, precision, title }: ExtractTask,
  { emit, signal }: OperationContext<StepEvent>,
) {
  const target = out === undefined ? undefined : await prepareOutput(out, '.safetensors', [tuned, base])
  const [after, before] = [await baseOf(tuned), await baseOf(base)]
  const [family, other] = [after.modules.family, before.modules.family]
  if (family !== other)
    throw new PigmentError(
      'extract-families-differ',
      `"${basename(tuned)}" is of the family ${family} and "${basename(base)}" of ${other}. Name the checkpoint that it was made from.`,
      { tuned: basename(tuned), family, base: basename(base), other },
    )
  const asked = {
    shapes: before.modules.shapes,
    tuned: await weightsOf(after),
    base: await weightsOf(before),
    leastDifference,
    rank,
    energy,
    signal,
  }
  await using products = new LargeProducts()
  const { modules, report, same } = await tellingSteps(extract({ ...asked, multiply: products.multiply }), emit)
  const told = { ...report, sameLayers: same }
  if (target === undefined) return told
  if (precision === 'fp16')
    for (const { component, path, tensors } of modules)
      for (const { data } of Object.values(tensors)) refuseOverHalf(`${component}.${path}`, data)
  const name = title ?? adapterName(target)
  const { prediction } = (await openCheckpoint(tuned)).schedule
  const metadata = {
    ...networkMetadata(name, family, prediction, report),
    'pigment.extract': JSON.stringify({
      tuned: adapterName(tuned),
      base: adapterName(base),
      rank,
      energy,
      leastDifference,
      error: report.error,
    }),
  }
  await writeAdapter({ name, modules, metadata, skipped: [] }, 'kohya', target, { modules: before.modules, precision })
  return { ...told, written: { out: target, sizeBytes: (await stat(target)).size, precision } }
}
