import type { JobSummary } from '../../api/methods/jobs.ts'
import { none } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { describeJob } from '../../studio/describe-job.ts'

/** Running and waiting ones in their order, then the history, the newest first. */
export const list = hostCommand({
  input: none,
  run: ({ queue, media }): readonly JobSummary[] => queue.list().map((one) => describeJob(one, queue, media)),
})
