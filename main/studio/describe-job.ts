import type { JobElsewhere, JobSummary } from '../api/methods/jobs.ts'
import { countsOf, isActive, isElsewhere, type Job } from '../jobs/job.ts'
import type { Queue } from '../jobs/queue.ts'
import type { MediaNames } from '../stores/media.ts'

/** A job as the renderer sees it. */
export function describeJob(one: Job, queue: Queue, media: MediaNames): JobSummary {
  const place = queue.waiting().findIndex(({ id }) => id === one.id)
  return {
    id: one.id,
    kind: one.work.kind,
    title: one.title,
    state: one.state,
    place: place < 0 ? null : place,
    step: one.step,
    steps: one.steps,
    ...(countsOf(one) ? { counts: countsOf(one) } : {}),
    eta: one.state === 'running' ? one.eta : null,
    preparing: isActive(one) ? one.preparing : null,
    ...(queue.stands(one.id) ? { loaded: true } : {}),
    createdAt: one.createdAt,
    startedAt: one.startedAt,
    endedAt: one.endedAt,
    ...(one.cover ? { cover: media.ofFile(one.cover, 'cover') } : {}),
    ...(isElsewhere(one) ? { elsewhere: elsewhereOf(one) } : {}),
    ...(one.error ? { error: one.error } : {}),
  }
}

function elsewhereOf(one: Job): JobElsewhere {
  const { queue = '', worker = null, away = false } = one.elsewhere ?? {}
  return { queue, worker: isActive(one) ? worker : null, away: isActive(one) && away }
}
