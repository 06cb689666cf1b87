import { none } from '../../api/shapes.ts'
import type { QueueState } from '../../api/methods/workers.ts'
import { hostCommand } from '../../studio/command.ts'
import { queueState } from '../../studio/queue-state.ts'

/** The queue of other machines, and that its password is kept; never the password. */
export const state = hostCommand({
  input: none,
  run: (studio): Promise<QueueState> => queueState(studio),
})
