import { z } from 'zod'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** Removes ended jobs from the history; what they made stays. */
export const clear = hostCommand({
  input: z.strictObject({ job: id.optional() }),
  run: ({ queue }, { job }): Promise<void> => queue.clear(job),
})
