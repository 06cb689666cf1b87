import { moduleShapes } from '../../../engine/adapter-formats/read.ts'
import type { Precision } from '../../../engine/adapter-formats/format.ts'
import { modelFormats } from '../../../engine/model-formats/index.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import { PigmentError } from '../../../engine/requests/error.ts'
import type { OperationContext } from '../../processes/operation.ts'
import type { WarningEvent } from '../events.ts'
import { loadLoras } from '../load-loras.ts'
import type { LoraChoice } from '../lora-choice.ts'

interface BakeTask {
  readonly model: string
  readonly lora: readonly LoraChoice[]
  readonly to: string
  readonly out: string
  readonly precision?: Precision | undefined
}

type BakeEvent = WarningEvent | { readonly type: 'prepare'; readonly stage: string; readonly done: number; readonly total: number }

/** Writes a model with adapters merged into its weights. Throws what `ModelFormat.write` throws, and `usage`. */
export async function bake({ model, lora, to, out, precision }: BakeTask, { emit, signal }: OperationContext<BakeEvent>) {
  const format = modelFormats.find(({ name }) => name === to)
  if (!format) throw new PigmentError('usage', `There is no model format "${to}".`, { format: to })
  const checkpoint = await openCheckpoint(model)
  const ending = format.ending(checkpoint)
  if (ending !== undefined && !out.toLowerCase().endsWith(ending))
    throw new PigmentError('usage', `"${out}" must end in ${ending}. Choose another name.`, { path: out, ending })
  const loras = await loadLoras(lora, moduleShapes(checkpoint), emit)
  const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6)
  const made = await format.write(
    checkpoint,
    loras.map(({ entry }) => entry),
    out,
    {
      precision,
      signal,
      onProgress: (done, total) => emit({ type: 'prepare', stage: 'MB', done: megabytes(done), total: megabytes(total) }),
    },
  )
  return {
    out,
    format: to,
    base: checkpoint.name,
    files: made.files,
    sizeBytes: made.bytes,
    changedTensors: made.changed,
    ...(precision ? { precision } : {}),
    loras: loras.map(({ entry, hash }) => ({ name: entry.adapter.name, weight: entry.weight, layers: entry.adapter.modules.length, hash })),
  }
}
