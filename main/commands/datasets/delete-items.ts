import { z } from 'zod'
import type { DatasetSummary } from '../../api/methods/datasets.ts'
import { id } from '../../api/shapes.ts'
import { touchedDataset } from '../../studio/changed-dataset.ts'
import { hostCommand } from '../../studio/command.ts'

/** To Pigment's trash, together with their captions; `undo` brings them back. */
export const deleteItems = hostCommand({
  input: z.strictObject({ dataset: id, items: z.array(id).min(1).max(200_000) }),
  async run(studio, { dataset, items }): Promise<DatasetSummary> {
    await (await studio.datasets.edit(dataset)).deletePictures(items, `delete ×${items.length}`)
    return touchedDataset(studio, dataset)
  },
})
