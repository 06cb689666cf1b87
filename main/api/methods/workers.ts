// The queue of other machines, as Settings show it.
import type { ErrorRecord } from '../../../engine/requests/error.ts'

export interface QueueState {
  readonly address: string | null
  readonly store: string | null
  /** Whether a password is kept, and by what. */
  readonly password: 'keychain' | 'file' | null
}
/** What a look at the queue came to. */
export interface QueueLook {
  /** Names of the workers that listen; null where the server does not tell. */
  readonly workers: readonly string[] | null
  /** The first thing that is missing; null where nothing is. */
  readonly problem: ErrorRecord | null
}
