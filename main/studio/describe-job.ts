import type { JobSummary } from '../api/methods/jobs.ts'
import type { Job } from '../jobs/job.ts'
import type { Queue } from '../jobs/queue.ts'
import type { MediaNames } from '../stores/media.ts'

/** A job as the renderer sees it. */
export function describeJob(one: Job, queue: Queue, media: MediaNames): JobSummary {
  const place = queue.waiting().findIndex(({ id }) => id === one.id)
  const rate = one.step > 0 && one.seconds > 0 ? one.seconds / one.step : undefined
  return {
    id: one.id,
    kind: one.work.kind,
    title: one.title,
    state: one.state,
    place: place < 0 ? null : place,
    step: one.step,
    steps: one.steps,
    eta: one.state === 'running' && rate !== undefined ? Math.max(0, one.steps - one.step) * rate : null,
    createdAt: one.createdAt,
    startedAt: one.startedAt,
    endedAt: one.endedAt,
    ...(one.cover ? { cover: media.ofFile(one.cover, 'cover') } : {}),
    ...(one.error ? { error: one.error } : {}),
  }
}
