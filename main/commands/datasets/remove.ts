import { z } from 'zod'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** Leaves the list. A folder of Pigment's own goes to its trash; a person's own folder stays untouched. */
export const remove = hostCommand({
  input: z.strictObject({ dataset: id }),
  async run({ datasets, views, announcer }, { dataset }): Promise<{ readonly undo: string }> {
    const last = await views.summary(dataset)
    const undo = await datasets.remove(dataset)
    announcer.announce('datasets', { dataset: last, items: 'all', removed: true })
    return { undo }
  },
})
