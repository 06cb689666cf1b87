// A job as it lies in the journal.
import { z } from 'zod'
import { pausedAdapter } from '../api/paused-adapter.ts'
import { jobState } from './job-state.ts'
import { jobKinds } from './kinds/index.ts'

const work = z.union(Object.values(jobKinds).map((kind) => kind.work))
export type Work = z.output<typeof work>

export const job = jobState.extend({ work })
export type Job = z.output<typeof job>

interface Traits {
  readonly counts?: 'bytes' | 'pictures'
  readonly oneCall?: true
  readonly lane?: 'network' | 'captions'
  readonly draws?: true
  readonly opens?: (work: never) => string
}
const traitsOf = ({ work: { kind } }: Pick<Job, 'work'>): Traits => jobKinds[kind]
/** What its steps are, where they are none. */
export const countsOf = (one: Pick<Job, 'work'>): Traits['counts'] => traitsOf(one).counts
export const isOneCall = (one: Pick<Job, 'work'>): boolean => traitsOf(one).oneCall === true
/** What it would be in the way of. */
export const laneOf = (one: Pick<Job, 'work' | 'on' | 'id'>): string =>
  isElsewhere(one) ? `workers ${one.id}` : (traitsOf(one).lane ?? 'engine')

/** Other machines do it, for as long as it takes: it outlives this studio. */
export const isElsewhere = ({ on }: Pick<Job, 'on'>): boolean => on === 'workers'

/** Whether it draws on the very model that a paused training has open, and so can do beside it. */
export const besides = (one: Pick<Job, 'work'>, paused: Pick<Job, 'work'>): boolean =>
  traitsOf(one).draws === true && openedIn(one) !== undefined && openedIn(one) === openedIn(paused)
// The schema of a work is that of the kind that it names.
const openedIn = ({ work }: Pick<Job, 'work'>): string | undefined => traitsOf({ work }).opens?.(work as never)

/** Whether it draws with what a paused run has learnt, in its stack or on an axis. */
export const drawsWith = (work: Work, run: string): boolean =>
  traitsOf({ work }).draws === true && JSON.stringify(work).includes(JSON.stringify(pausedAdapter(run)))

export const isActive = ({ state }: Job): boolean => state === 'running' || state === 'pausing' || state === 'cancelling'
export const isOver = ({ state }: Job): boolean => state === 'done' || state === 'failed' || state === 'cancelled'
