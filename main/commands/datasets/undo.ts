import { z } from 'zod'
import type { DatasetSummary } from '../../api/methods/datasets.ts'
import { id } from '../../api/shapes.ts'
import { touchedDataset } from '../../studio/changed-dataset.ts'
import { hostCommand } from '../../studio/command.ts'

export const undo = hostCommand({
  input: z.strictObject({ dataset: id }),
  async run(studio, { dataset }): Promise<DatasetSummary> {
    await (await studio.datasets.edit(dataset)).undo()
    return touchedDataset(studio, dataset)
  },
})
