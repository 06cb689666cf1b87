import { moduleShapes } from '../../../engine/adapter-formats/read.ts'
import type { Precision } from '../../../engine/adapter-formats/format.ts'
import { openCheckpoint } from '../../../engine/models/open-checkpoint.ts'
import type { OperationContext } from '../../processes/operation.ts'
import { bakedModel, formatFor, type BakeEvent } from '../baked-model.ts'
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

/** Writes a model with adapters merged into its weights. Throws what `ModelFormat.write` throws, and `usage`. */
export async function bake({ model, lora, to, out, precision }: BakeTask, context: OperationContext<WarningEvent | BakeEvent>) {
  const checkpoint = await openCheckpoint(model)
  const format = formatFor(to, checkpoint, out)
  const loras = await loadLoras(lora, moduleShapes(checkpoint), context.emit)
  const stack = loras.map(({ entry }) => entry)
  return {
    format: to,
    base: checkpoint.name,
    ...(await bakedModel({ checkpoint, stack, format, out, precision }, context)),
    loras: loras.map(({ entry, hash }) => ({ name: entry.adapter.name, weight: entry.weight, layers: entry.adapter.modules.length, hash })),
  }
}
