import { z } from 'zod'
import { id, source } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { keptPicture } from '../../studio/kept-picture.ts'

/** Where a picture lies from now on that a condition is to be given: one of the gallery, of a path, or dropped, which is copied. */
export const keepPicture = hostCommand({
  input: z.union([source, z.strictObject({ picture: id })]),
  async run({ gallery, drops, places }, from): Promise<{ readonly path: string }> {
    if ('picture' in from) return { path: gallery.fileOf(gallery.get(from.picture).id) }
    return drops.lend(from, async ([path]) => ({ path: 'path' in from ? from.path : await keptPicture(path, places.inputs) }))
  },
})
