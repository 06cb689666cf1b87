import { z } from 'zod'
import type { JobSummary } from '../../api/methods/jobs.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'

/** Also `interrupted`, `failed` and `cancelled` training runs, from their last checkpoint. */
export const resume = hostCommand({
  input: z.strictObject({ job: id }),
  run: async ({ queue, media }, { job }): Promise<JobSummary> => describeJob(await queue.resume(job), queue, media),
})
