import { PigmentError, type ErrorRecord } from '../../engine/requests/error.ts'
import type { Job } from './job.ts'
import type { Outcome } from './job-kind.ts'

const lost = new Set(['worker-died', 'worker-silent'])

/** How a job stands that did not come to its end; `stopped` by its signal. */
export function ended(one: Job, record: ErrorRecord, stopped: boolean): Job {
  const { state } = one
  // One that stood still is as it was, but for what it had in memory.
  if (state === 'paused' || state === 'queued') return one
  const interrupted = stopped || lost.has(record.code)
  return {
    ...one,
    endedAt: Date.now(),
    state: state === 'cancelling' ? 'cancelled' : state === 'pausing' && stopped ? 'paused' : interrupted ? 'interrupted' : 'failed',
    // That it had to be ended is news also to who asked it to stop.
    ...(stopped && record.code !== 'worker-silent' ? {} : { error: { ...record, facts: { ...record.facts, stack: undefined } } }),
  }
}

/** How a job stands after its turn: done, or, where it has no end, behind those that wait. Asked to stop meanwhile it has stopped: throws `cancelled`. */
export function turned({ again, ...now }: Job & Pick<Outcome, 'again'>, { behind, stopped }: { behind: number; stopped: boolean }): Job {
  if (!again) return { ...now, state: 'done', endedAt: Date.now() }
  if (stopped) throw new PigmentError('cancelled', 'Stopped between two turns.', { job: now.id })
  return { ...now, state: 'queued', order: behind }
}
