import { z } from 'zod'
import type { DatasetSummary } from '../../api/methods/datasets.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

export const get = hostCommand({
  input: z.strictObject({ dataset: id }),
  run: ({ views }, { dataset }): Promise<DatasetSummary> => views.summary(dataset),
})
