import { sweepFetched } from '../fetching/sweep.ts'
import type { Places } from '../places/places.ts'
import { isOver } from './job.ts'
import type { Queue } from './queue.ts'

/** Takes away what is on its way for jobs that were given up or are not in the list any more. One that failed can go on. */
export const sweepStaging = ({ fetching }: Pick<Places, 'fetching'>, queue: Queue): Promise<void> =>
  sweepFetched(fetching, (id) => queue.list().some((job) => job.id === id && (job.state === 'failed' || !isOver(job))))
