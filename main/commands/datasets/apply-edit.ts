import { z } from 'zod'
import { bulkEdit, type DatasetSummary, selection } from '../../api/methods/datasets.ts'
import { id } from '../../api/shapes.ts'
import { captionChanges } from '../../studio/caption-changes.ts'
import { touchedDataset } from '../../studio/changed-dataset.ts'
import { hostCommand } from '../../studio/command.ts'

export const applyEdit = hostCommand({
  input: z.strictObject({ dataset: id, selection, edit: bulkEdit }),
  async run(studio, { dataset, selection: chosen, edit }): Promise<{ readonly changed: number; readonly dataset: DatasetSummary }> {
    const set = await studio.datasets.edit(dataset)
    const { changes } = await captionChanges(studio, dataset, chosen, edit)
    if (changes.length > 0)
      await set.setCaptions(
        `${edit.kind} ×${changes.length}`,
        changes.map(({ item, after }) => ({ id: item, caption: after })),
      )
    return { changed: changes.length, dataset: await touchedDataset(studio, dataset) }
  },
})
