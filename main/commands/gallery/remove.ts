import { z } from 'zod'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** To the trash of Pigment. */
export const remove = hostCommand({
  input: z.strictObject({ pictures: z.array(id).min(1).max(1000) }),
  async run({ gallery, announcer }, { pictures }): Promise<{ readonly undo: string }> {
    const { undo, removed } = await gallery.remove(pictures)
    for (const picture of removed) announcer.announce('gallery', { picture, removed: true })
    return { undo }
  },
})
