import { stat } from 'node:fs/promises'
import { writeAdapter } from '../../../engine/adapter-formats/read.ts'
import { dyLoraOf, sliceOf } from '../../../engine/adapters/dylora.ts'
import { usualFormat } from '../../../engine/requests/export.ts'
import { readOnBase } from '../adapter-bases.ts'
import { prepareOutput } from '../output-file.ts'
import { precisionOf } from '../stored-precision.ts'

interface SliceTask {
  readonly file: string
  readonly rank: number
  readonly out: string
  readonly model?: string | undefined
}

/** A DyLoRA as it was trained at a rank. Throws `slice-not-dylora`, `slice-rank`, and what reading and writing throw. */
export async function sliceAdapter({ file, rank, out, model }: SliceTask) {
  const target = await prepareOutput(out, '.safetensors', [file])
  const { adapter, base } = await readOnBase(file, model)
  const slice = sliceOf(adapter, rank)
  await writeAdapter(slice, usualFormat, target, { modules: base.modules, precision: await precisionOf(file) })
  return { out: target, rank, unit: dyLoraOf(adapter)?.unit ?? 1, layers: slice.modules.length, sizeBytes: (await stat(target)).size }
}
