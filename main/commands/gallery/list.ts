import { z } from 'zod'
import type { GalleryPicture } from '../../api/methods/gallery.ts'
import { id, type Page, pageFields } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** The newest first. */
export const list = hostCommand({
  input: z.strictObject({ text: z.string().max(500).default(''), starred: z.boolean().default(false), job: id.optional(), ...pageFields }),
  run({ gallery }, { text, starred, job, offset, limit }): Page<GalleryPicture> {
    const wanted = text.toLowerCase()
    const found = gallery
      .list()
      .filter(
        (one) => (!starred || one.starred) && (job === undefined || one.job === job) && one.form.prompt.toLowerCase().includes(wanted),
      )
    return { total: found.length, offset, items: found.slice(offset, offset + limit).map((one) => gallery.describe(one)) }
  },
})
