// What a queue is given: who does its jobs, and who hears of them.
import type { RunPlace } from '../api/methods/jobs.ts'
import type { Job } from './job.ts'
import type { Outcome } from './job-kind.ts'
import type { AtTurn } from './turns.ts'

/**
 * Does one job. The signal asks it to stop with what it has (or, aborted with `at-once`, without; with `closing`, what others do is left to
 * them); `worker-died` and `worker-silent` as errors mean that it can be resumed.
 */
export type RunJob = (
  job: Job,
  update: (part: Partial<Job>) => void,
  signal: AbortSignal,
  turn: AtTurn,
) => Promise<Partial<Job> & Pick<Outcome, 'again'>>

export interface QueueOptions {
  readonly folder: string
  readonly run: RunJob
  readonly changed: (job: Job, removed?: boolean) => void
  /** Milliseconds that a paused job may keep what it has in memory. */
  readonly standing?: number
}

export interface AddOptions {
  /** Before all that wait. */
  readonly front?: boolean
  readonly on?: RunPlace
}
