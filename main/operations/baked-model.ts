// A stack of adapters merged into a copy of a model.
import type { StackEntry } from '../../engine/adapters/stack.ts'
import type { Checkpoint } from '../../engine/checkpoint/config.ts'
import { modelFormats } from '../../engine/model-formats/index.ts'
import type { ModelFormat } from '../../engine/model-formats/model-format.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { OperationContext } from '../processes/operation.ts'
import type { StoredPrecision } from './stored-precision.ts'

export type BakeEvent = { readonly type: 'prepare'; readonly stage: string; readonly done: number; readonly total: number }

export interface BakedModel {
  readonly out: string
  readonly files: readonly string[]
  readonly sizeBytes: number
  readonly changedTensors: number
  readonly precision?: StoredPrecision
}

/** Throws `usage` where there is no such format, or the name of its file would mislead. */
export function formatFor(to: string, checkpoint: Checkpoint, out: string): ModelFormat {
  const format = modelFormats.find(({ name }) => name === to)
  if (!format) throw new PigmentError('usage', `There is no model format "${to}".`, { format: to })
  const ending = format.ending(checkpoint)
  if (ending !== undefined && !out.toLowerCase().endsWith(ending))
    throw new PigmentError('usage', `"${out}" must end in ${ending}. Choose another name.`, { path: out, ending })
  return format
}

interface BakedTask {
  readonly checkpoint: Checkpoint
  readonly stack: readonly StackEntry[]
  readonly format: ModelFormat
  readonly out: string
  readonly precision?: StoredPrecision | undefined
}

/** Throws what `ModelFormat.write` throws. */
export async function bakedModel(
  { checkpoint, stack, format, out, precision }: BakedTask,
  { emit, signal }: Pick<OperationContext<BakeEvent>, 'emit' | 'signal'>,
): Promise<BakedModel> {
  const megabytes = (bytes: number): number => Math.ceil(bytes / 1e6)
  const made = await format.write(checkpoint, stack, out, {
    precision,
    signal,
    onProgress: (done, total) => emit({ type: 'prepare', stage: 'MB', done: megabytes(done), total: megabytes(total) }),
  })
  return { out, files: made.files, sizeBytes: made.bytes, changedTensors: made.changed, ...(precision ? { precision } : {}) }
}
