import { z } from 'zod'
import type { AdapterCard } from '../../api/methods/library.ts'
import { id } from '../../api/shapes.ts'
import { announceAdapters } from '../../studio/announce-adapters.ts'
import { hostCommand } from '../../studio/command.ts'

export const update = hostCommand({
  input: z.strictObject({
    adapter: id,
    title: z.string().min(1).max(120).optional(),
    notes: z.string().max(20_000).optional(),
    tags: z.array(z.string().min(1).max(60)).max(50).optional(),
    triggers: z.array(z.string().min(1).max(200)).max(50).optional(),
    /** A picture of the gallery. */
    cover: id.optional(),
  }),
  async run(studio, { adapter, cover, ...part }): Promise<AdapterCard> {
    const { library, gallery } = studio
    const file = cover === undefined ? undefined : gallery.fileOf(gallery.get(cover).id)
    const card = await library.update(adapter, { ...part, ...(file ? { cover: file } : {}) })
    announceAdapters(studio, [card])
    return card
  },
})
