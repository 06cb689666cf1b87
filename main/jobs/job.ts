// A job as it lies in the journal.
import { z } from 'zod'
import { jobState } from './job-state.ts'
import { jobKinds } from './kinds/index.ts'

const work = z.union(Object.values(jobKinds).map((kind) => kind.work))
export type Work = z.output<typeof work>

export const job = jobState.extend({ work })
export type Job = z.output<typeof job>

interface Traits {
  readonly counts?: 'bytes' | 'pictures'
  readonly lane?: 'network' | 'captions'
}
const traitsOf = ({ work: { kind } }: Pick<Job, 'work'>): Traits => jobKinds[kind]
/** What its steps are, where they are none. */
export const countsOf = (one: Pick<Job, 'work'>): Traits['counts'] => traitsOf(one).counts
/** What it would be in the way of. */
export const laneOf = (one: Pick<Job, 'work'>): string => traitsOf(one).lane ?? 'engine'

export const isActive = ({ state }: Job): boolean => state === 'running' || state === 'pausing' || state === 'cancelling'
export const isOver = ({ state }: Job): boolean => state === 'done' || state === 'failed' || state === 'cancelled'
