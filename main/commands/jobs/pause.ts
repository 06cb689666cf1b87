import { z } from 'zod'
import type { JobSummary } from '../../api/methods/jobs.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'

/** A training run writes a checkpoint and stops; a waiting job is held. */
export const pause = hostCommand({
  input: z.strictObject({ job: id }),
  run: async ({ queue, media }, { job }): Promise<JobSummary> => describeJob(await queue.pause(job), queue, media),
})
