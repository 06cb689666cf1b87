import { z } from 'zod'
import type { GenerateOptions } from '../../api/methods/generate.ts'
import { id } from '../../api/shapes.ts'
import { ownBlockPresets } from '../../places/block-presets.ts'
import { defaultsOfModel } from '../../stores/models.ts'
import { hostCommand } from '../../studio/command.ts'
import { conditionCards, pictureFields, samplerCards } from '../../studio/training-fields.ts'

export const options = hostCommand({
  input: z.strictObject({ model: id.optional() }),
  async run({ models }, { model }): Promise<GenerateOptions> {
    const entry = await models.get(model)
    const { facts } = entry
    return {
      fields: pictureFields,
      samplers: samplerCards,
      conditions: conditionCards,
      side: facts.side,
      sizeStep: 8,
      guidance: defaultsOfModel(entry).guidance,
      blocks: facts.blocks,
      blockPresets: ownBlockPresets(),
    }
  },
})
