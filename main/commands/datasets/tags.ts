import { z } from 'zod'
import type { TagCount } from '../../api/methods/datasets.ts'
import { id } from '../../api/shapes.ts'
import { frequentTags } from '../../datasets/describe.ts'
import { hostCommand } from '../../studio/command.ts'

/** Every tag with its count, the most frequent first; `prefix` for completion. */
export const tags = hostCommand({
  input: z.strictObject({ dataset: id, prefix: z.string().max(200).default(''), limit: z.int().min(1).max(5000).default(200) }),
  run: async ({ views }, { dataset, prefix, limit }): Promise<readonly TagCount[]> => frequentTags(await views.of(dataset), prefix, limit),
})
