import type { DatasetSummary } from '../../api/methods/datasets.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

export const list = hostCommand({
  input: none,
  run: ({ datasets, views }): Promise<readonly DatasetSummary[]> => Promise.all(datasets.list().map(({ id }) => views.summary(id))),
})
