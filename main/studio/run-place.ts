// Where a job is done: as its person says, else as Settings do.
import { z } from 'zod'
import { runPlaces, type RunPlace } from '../api/methods/jobs.ts'
import { noQueue } from '../jobs/elsewhere.ts'
import type { Parts } from './parts.ts'

export const runOn = z.enum(runPlaces).optional()

/** Throws `queue-none` where it is to go to other machines and no queue of them is named. */
export function placeOf({ settings }: Pick<Parts, 'settings'>, asked: RunPlace | undefined): { readonly on: RunPlace } {
  const { queueAddress, runOn: usual } = settings.value
  // The usual place is gone with its queue.
  const on = asked ?? (queueAddress === null ? 'here' : usual)
  if (on === 'workers' && queueAddress === null) throw noQueue()
  return { on }
}
