import { z } from 'zod'
import type { AdapterDetails } from '../../api/methods/library.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

export const get = hostCommand({
  input: z.strictObject({ adapter: id }),
  run: ({ library }, { adapter }): Promise<AdapterDetails> => library.details(adapter),
})
