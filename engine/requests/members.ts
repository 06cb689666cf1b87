// Members of a run, which share its rank out: the rank of each, and where they are computed.
import { PigmentError } from './error.ts'
import type { TrainRequest } from './train.ts'

/** The rank of each member. Throws `members-rank`. */
export function memberRank({ rank, members }: Pick<TrainRequest, 'rank' | 'members'>): number {
  if (rank % members === 0) return rank / members
  throw new PigmentError(
    'members-rank',
    `A rank of ${rank} cannot be shared out among ${members} members. Choose a multiple of ${members}, such as ${Math.ceil(rank / members) * members}.`,
    { rank, members },
  )
}

/** Up to here a session leaves cores idle between its small operators, and another copy of the weights costs little memory. */
const smallNetwork = 64e6

/**
 * How many sessions compute members side by side, and the threads of each: decided by what decides the bits of the result anyway. On the CPU the
 * members of a small network (`parameters`, of the frozen one) get a lane each while there are threads.
 */
export function laneShape({ members, parameters, provider, threads }: LaneFacts): { count: number; threads: number } {
  const count = provider === 'cpu' && parameters <= smallNetwork ? Math.min(members, threads) : 1
  return { count, threads: Math.max(1, Math.floor(threads / count)) }
}
interface LaneFacts {
  readonly members: number
  readonly parameters: number
  readonly provider: string
  readonly threads: number
}
