import type { downLadder } from '../operations/memory-ladder.ts'
import type { JobRun } from './job-run.ts'

/** A job goes down the ladder in a fresh process, and its log says so. */
export const onLadder = ({ caller, tell, signal, turn }: JobRun): Parameters<typeof downLadder>[1] => ({
  async renew() {
    // A process in which a paused run has its model is not a fresh one.
    await turn.alone()
    caller.renew?.()
  },
  tell,
  signal,
})
