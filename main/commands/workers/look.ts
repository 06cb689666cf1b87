import { errorRecord } from '../../../engine/requests/error.ts'
import { none } from '../../api/shapes.ts'
import type { QueueLook } from '../../api/methods/workers.ts'
import { queueOf } from '../../jobs/elsewhere.ts'
import { lookAround } from '../../remote/look-around.ts'
import { openStore } from '../../remote/open-store.ts'
import { hostCommand } from '../../studio/command.ts'

/** Tries the queue of other machines as it is named: whether it answers, files can travel, and who listens. */
export const look = hostCommand({
  input: none,
  async run(studio): Promise<QueueLook> {
    try {
      return await lookAround(await queueOf(studio), openStore(studio.settings.value.queueStore ?? undefined))
    } catch (error) {
      const { stack: _stack, ...facts } = errorRecord(error).facts
      return { workers: null, problem: { ...errorRecord(error), facts } }
    }
  },
})
