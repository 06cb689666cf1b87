import { z } from 'zod'
import type { DatasetSummary } from '../../api/methods/datasets.ts'
import { id } from '../../api/shapes.ts'
import { announcedDataset } from '../../studio/changed-dataset.ts'
import { hostCommand } from '../../studio/command.ts'

export const restore = hostCommand({
  input: z.strictObject({ undo: id }),
  run: async (studio, { undo }): Promise<DatasetSummary> => announcedDataset(studio, (await studio.datasets.restore(undo)).id),
})
