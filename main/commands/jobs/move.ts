import { z } from 'zod'
import type { JobSummary } from '../../api/methods/jobs.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'

/** Before another waiting job, or last. */
export const move = hostCommand({
  input: z.strictObject({ job: id, before: id.nullable() }),
  async run({ queue, media }, { job, before }): Promise<readonly JobSummary[]> {
    await queue.move(job, before)
    return queue.list().map((one) => describeJob(one, queue, media))
  },
})
