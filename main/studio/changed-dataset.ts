// A data set after it was changed: what it is now, and who is told.
import type { DatasetSummary, FilledDataset } from '../api/methods/datasets.ts'
import { describeLeftOut } from '../datasets/describe.ts'
import type { Imported } from '../datasets/import.ts'
import type { Parts } from './parts.ts'

export async function touchedDataset({ datasets, views }: Pick<Parts, 'datasets' | 'views'>, id: string): Promise<DatasetSummary> {
  await datasets.update(id, { changedAt: Date.now() })
  return views.summary(id)
}

export async function announcedDataset({ views, announcer }: Pick<Parts, 'views' | 'announcer'>, id: string): Promise<DatasetSummary> {
  const dataset = await views.summary(id)
  announcer.announce('datasets', { dataset, items: 'all' })
  return dataset
}

/** With what came into it. */
export const filledDataset = (dataset: DatasetSummary, { pictures, leftOut }: Imported): FilledDataset => ({
  ...dataset,
  brought: { pictures, leftOut: describeLeftOut(leftOut) },
})
