import { z } from 'zod'
import type { DatasetSummary } from '../../api/methods/datasets.ts'
import { id } from '../../api/shapes.ts'
import { announcedDataset } from '../../studio/changed-dataset.ts'
import { hostCommand } from '../../studio/command.ts'

export const update = hostCommand({
  input: z.strictObject({
    dataset: id,
    name: z.string().min(1).max(120).optional(),
    trigger: z.string().max(100).optional(),
    model: id.nullable().optional(),
    resolution: z.int().min(32).max(4096).nullable().optional(),
  }),
  async run(studio, { dataset, ...part }): Promise<DatasetSummary> {
    const { datasets } = studio
    if (datasets.entry(dataset).sample) await datasets.edit(dataset)
    await datasets.update(dataset, { ...part, changedAt: Date.now() })
    return announcedDataset(studio, dataset)
  },
})
