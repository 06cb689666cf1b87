import { z } from 'zod'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

export const restore = hostCommand({
  input: z.strictObject({ undo: id }),
  async run({ gallery, announcer }, { undo }): Promise<void> {
    for (const picture of await gallery.restore(undo)) announcer.announce('gallery', { picture })
  },
})
