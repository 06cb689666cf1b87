import { z } from 'zod'
import type { JobSummary } from '../../api/methods/jobs.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'

export const cancel = hostCommand({
  input: z.strictObject({ job: id }),
  run: async ({ queue, media }, { job }): Promise<JobSummary> => describeJob(await queue.cancel(job), queue, media),
})
