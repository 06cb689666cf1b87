import { z } from 'zod'
import { bulkEdit, type EditPreview, selection } from '../../api/methods/datasets.ts'
import { id } from '../../api/shapes.ts'
import { captionChanges } from '../../studio/caption-changes.ts'
import { hostCommand } from '../../studio/command.ts'

const shownChanges = 200

export const previewEdit = hostCommand({
  input: z.strictObject({ dataset: id, selection, edit: bulkEdit }),
  async run(studio, { dataset, selection: chosen, edit }): Promise<EditPreview> {
    const { all, changes } = await captionChanges(studio, dataset, chosen, edit)
    const shown = changes.slice(0, shownChanges).map(({ item, path, before, after }) => ({ item, path, before, after }))
    return { changed: changes.length, unchanged: all - changes.length, changes: shown }
  },
})
