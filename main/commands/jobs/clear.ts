import { z } from 'zod'
import { id } from '../../api/shapes.ts'
import { sweepStaging } from '../../jobs/left-staging.ts'
import { hostCommand } from '../../studio/command.ts'

/** Removes ended jobs from the history; what they made stays. */
export const clear = hostCommand({
  input: z.strictObject({ job: id.optional() }),
  async run({ queue, places }, { job }): Promise<void> {
    await queue.clear(job)
    await sweepStaging(places, queue)
  },
})
