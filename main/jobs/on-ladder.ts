import type { downLadder } from '../operations/memory-ladder.ts'
import type { JobRun } from './job-run.ts'

/** A job goes down the ladder in a fresh process, and its log says so. */
export const onLadder = ({ engine, tell, signal }: JobRun): Parameters<typeof downLadder>[1] => ({
  renew: () => engine.renew(),
  tell,
  signal,
})
