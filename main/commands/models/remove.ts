import { z } from 'zod'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** Forgets it; the file stays. */
export const remove = hostCommand({
  input: z.strictObject({ model: id }),
  async run({ models, announcer }, { model }): Promise<void> {
    await models.remove(model)
    announcer.announce('models', { id: model, removed: true })
  },
})
