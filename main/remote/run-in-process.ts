// Operations of a worker, each in the process that computes: what dies there takes no worker with it.
import type { EngineOperations } from '../operations/engine/index.ts'
import { downLadder } from '../operations/memory-ladder.ts'
import type { WorkerProcess } from '../processes/worker-process.ts'
import type { RunOperation } from './work-on-call.ts'

/** The state of a large adapter takes a slow disk a while. */
const longestSaving = 10 * 60_000

export const runInProcess =
  (engine: WorkerProcess<EngineOperations>): RunOperation =>
  async (operation, task, { signal, onEvent, onWord }) => {
    // What one call leaves in memory is not the next one's.
    engine.renew()
    const attempt = async (): Promise<unknown> => {
      // Name and task were of one operation when they were handed in; an unknown name is refused by the process itself.
      const call = engine.start(operation as keyof EngineOperations, task as never, {
        signal,
        onEvent(event: { readonly type: string }) {
          if (event.type === 'saving') call.grant(longestSaving)
          onEvent(event)
        },
      })
      onWord((word) => call.notify(word))
      return call.done
    }
    // What a training does with less memory stands in its folder, where the next attempt finds it.
    return downLadder(attempt, { renew: () => engine.renew(), tell: onEvent, signal })
  }
