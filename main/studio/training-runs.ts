// Training jobs as runs.
import { PigmentError } from '../../engine/requests/error.ts'
import type { RunSummary } from '../api/methods/training.ts'
import type { Job } from '../jobs/job.ts'
import { describeJob } from './describe-job.ts'
import type { Parts } from './parts.ts'

export type TrainJob = Job & { work: Extract<Job['work'], { kind: 'train' }> }
export const isTraining = (one: Job): one is TrainJob => one.work.kind === 'train'

/** Throws `job-unknown`. */
export function trainingRun({ queue }: Pick<Parts, 'queue'>, run: string): TrainJob {
  const one = queue.get(run)
  if (isTraining(one)) return one
  throw new PigmentError('job-unknown', 'This job is no training run.', { job: run })
}

export function runSummary({ datasets, queue, media }: Pick<Parts, 'datasets' | 'queue' | 'media'>, one: TrainJob): RunSummary {
  const entry = datasets.list().find(({ id }) => id === one.work.form.dataset)
  const { cover } = describeJob(one, queue, media)
  return {
    id: one.id,
    name: one.title,
    state: one.state,
    dataset: one.work.form.dataset,
    datasetName: entry?.name ?? '',
    step: one.step,
    steps: one.steps,
    loss: one.loss,
    startedAt: one.startedAt ?? one.createdAt,
    seconds: one.seconds,
    ...(one.adapter ? { adapter: one.adapter } : {}),
    ...(cover ? { cover } : {}),
  }
}
