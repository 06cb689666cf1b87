import type { z } from 'zod'
import type { JobState } from './job-state.ts'
import type { JobRun } from './job-run.ts'

/** What is the job's at its end, or `again`: it has another turn behind those that wait. */
export type Outcome = Partial<JobState> & { readonly again?: boolean }

/** One kind of job: what lies in the journal of it, and how it is done. The parts that `run` gives are the job's at its end. */
export interface JobKind<Work extends z.ZodType> {
  readonly work: Work
  /** What its steps are, where they are none. */
  readonly counts?: 'bytes' | 'pictures'
  /** It is one call of the engine: where workers do it, that call is gone on with, whatever became of its pictures meanwhile. */
  readonly oneCall?: true
  /** Jobs of one lane run one after the other, and beside those of others. Without it: that of the engine. */
  readonly lane?: 'network' | 'captions'
  /** It draws: also beside a paused training, on the model that this one has open. */
  readonly draws?: true
  /** Names the model that it opens, where another may use it. */
  readonly opens?: (work: z.output<Work>) => string
  run(work: z.output<Work>, run: JobRun): Promise<Outcome>
}

export const jobKind = <Work extends z.ZodType>(kind: JobKind<Work>): JobKind<Work> => kind
