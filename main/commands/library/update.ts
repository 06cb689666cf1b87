import { z } from 'zod'
import { PigmentError } from '../../../engine/requests/error.ts'
import { triggerSet, type AdapterCard } from '../../api/methods/library.ts'
import { id, source } from '../../api/shapes.ts'
import { announceAdapters } from '../../studio/announce-adapters.ts'
import { hostCommand } from '../../studio/command.ts'

/** What is not given stays; null gives the word back to the files. */
export const update = hostCommand({
  input: z.strictObject({
    adapter: id,
    title: z.string().max(120).optional(),
    notes: z.string().max(20_000).optional(),
    tags: z.array(z.string().min(1).max(60)).max(50).optional(),
    triggers: z.array(z.string().min(1).max(1000)).max(50).nullable().optional(),
    triggerSets: z.array(triggerSet).max(50).optional(),
    rating: z.int().min(0).max(5).optional(),
    favourite: z.boolean().optional(),
    weight: z.number().min(-2).max(2).nullable().optional(),
    /** A picture of the gallery, or a file. */
    cover: id.nullable().optional(),
    coverFile: source.optional(),
  }),
  async run(studio, { adapter, cover, coverFile, triggers, weight, ...part }): Promise<AdapterCard> {
    const { library, gallery, drops, tools } = studio
    const chosen = cover ? await library.keepCover(adapter, gallery.fileOf(gallery.get(cover).id)) : undefined
    const brought =
      coverFile &&
      (await drops.lend(coverFile, async ([path = '']) => {
        // One that is none is refused by its reason.
        const [found] = await tools.call('measure', { paths: [path] })
        if (found && 'error' in found) throw new PigmentError(found.error.code, found.error.message, { ...found.error.facts })
        return library.keepCover(adapter, path)
      }))
    const file = brought ?? chosen
    const unset = [
      ...(triggers === null ? (['triggers'] as const) : []),
      ...(weight === null ? (['weight'] as const) : []),
      ...(cover === null ? (['cover'] as const) : []),
    ]
    const words = {
      ...part,
      ...(triggers ? { triggers } : {}),
      ...(typeof weight === 'number' ? { weight } : {}),
      ...(file ? { cover: file } : {}),
    }
    const card = await library.update(adapter, words, unset)
    announceAdapters(studio, [card])
    return card
  },
})
