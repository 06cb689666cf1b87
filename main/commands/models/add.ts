import { z } from 'zod'
import type { ModelCard } from '../../api/methods/models.ts'
import { path } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

export const add = hostCommand({
  input: z.strictObject({ path }),
  async run({ models, announcer }, { path: at }): Promise<ModelCard> {
    const card = await models.add(at)
    announcer.announce('models', { id: card.id })
    return card
  },
})
