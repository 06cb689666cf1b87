import { z } from 'zod'
import type { GalleryPicture } from '../../api/methods/gallery.ts'
import { id, pageFields, type Page } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** What was drawn with an adapter, the newest first. */
export const pictures = hostCommand({
  input: z.strictObject({ adapter: id, ...pageFields }),
  run({ library, gallery }, { adapter, offset, limit }): Page<GalleryPicture> {
    const found = library.pictures(library.entry(adapter).id)
    return { total: found.length, offset, items: found.slice(offset, offset + limit).map((one) => gallery.describe(one)) }
  },
})
