import { z } from 'zod'
import type { JobSummary } from '../../api/methods/jobs.ts'
import { id } from '../../api/shapes.ts'
import { sweepStaging } from '../../jobs/left-staging.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'

export const cancel = hostCommand({
  input: z.strictObject({ job: id }),
  async run({ queue, media, places }, { job }): Promise<JobSummary> {
    const now = await queue.cancel(job)
    await sweepStaging(places, queue)
    return describeJob(now, queue, media)
  },
})
