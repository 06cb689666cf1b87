import { z } from 'zod'
import type { DatasetSummary } from '../../api/methods/datasets.ts'
import { id } from '../../api/shapes.ts'
import { touchedDataset } from '../../studio/changed-dataset.ts'
import { hostCommand } from '../../studio/command.ts'

/** Kohya's `10_name`: the folder is renamed, also one that was left out. */
export const setRepeats = hostCommand({
  input: z.strictObject({ dataset: id, folder: z.string().max(1000), repeats: z.int().min(1).max(10_000) }),
  async run(studio, { dataset, folder, repeats }): Promise<DatasetSummary> {
    await (await studio.datasets.edit(dataset)).setRepeats(folder, repeats)
    return touchedDataset(studio, dataset)
  },
})
