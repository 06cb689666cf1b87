import { z } from 'zod'
import { type DatasetItem, itemFilter } from '../../api/methods/datasets.ts'
import { id, type Page, pageFields } from '../../api/shapes.ts'
import { allItems, filterItems, sortItems } from '../../datasets/describe.ts'
import { hostCommand } from '../../studio/command.ts'

export const items = hostCommand({
  input: z.strictObject({
    dataset: id,
    filter: itemFilter.prefault({}),
    sort: z.enum(['path', 'size', 'caption', 'group']).default('path'),
    ...pageFields,
  }),
  async run({ views }, { dataset, filter, sort, offset, limit }): Promise<Page<DatasetItem>> {
    const found = sortItems(filterItems(allItems(await views.of(dataset)), filter), sort)
    return { total: found.length, offset, items: found.slice(offset, offset + limit) }
  },
})
