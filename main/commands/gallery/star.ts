import { z } from 'zod'
import type { GalleryPicture } from '../../api/methods/gallery.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

export const star = hostCommand({
  input: z.strictObject({ picture: id, starred: z.boolean() }),
  async run({ gallery, announcer }, { picture, starred }): Promise<GalleryPicture> {
    const now = await gallery.star(picture, starred)
    announcer.announce('gallery', { picture: now })
    return now
  },
})
