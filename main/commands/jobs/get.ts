import { z } from 'zod'
import type { JobDetails } from '../../api/methods/jobs.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'

export const get = hostCommand({
  input: z.strictObject({ job: id }),
  async run({ queue, records, media }, { job }): Promise<JobDetails> {
    const { log, events, latest } = await records.tell(job)
    return { ...describeJob(queue.get(job), queue, media), log, events, latest }
  },
})
