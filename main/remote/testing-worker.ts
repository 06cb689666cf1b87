// A worker as a process of its own, to be killed: `node testing-worker.ts` with its task in TESTING_WORKER.
import { once } from 'node:events'
import { appendFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { engineOperations } from '../operations/engine/index.ts'
import { trainAdapter } from '../operations/train.ts'
import { callsHere } from '../processes/caller.ts'
import type { EngineOperations } from '../operations/engine/index.ts'
import { parseQueueAddress } from '../redis/address.ts'
import { openStore } from './open-store.ts'
import { QueueWorker } from './queue-worker.ts'
import type { RunOperation } from './work-on-call.ts'

export interface TestWorker {
  readonly url: string
  readonly store: string
  readonly folder: string
  readonly name: string
  readonly lock: number
  /** Milliseconds by which its clock is wrong, and by which it goes on jumping back at every look. */
  readonly wrongBy?: number
  readonly jumps?: number
  /** Where it writes down each operation that it does; with `quick`, in place of doing it. */
  readonly log: string
  readonly quick?: boolean
  /** Waits after this step until it is asked to stop, or killed. */
  readonly holdAt?: number
}

const given = JSON.parse(process.env.TESTING_WORKER ?? '{}') as TestWorker
const { now } = Date
let looks = 0
Date.now = () => now() + (given.wrongBy ?? 0) - (given.jumps ?? 0) * looks++

const engine = callsHere<EngineOperations>(() => Promise.resolve(engineOperations))
const really: RunOperation = (operation, task, { signal, onEvent }) => {
  const afterStep = async (_model: unknown, step: number): Promise<void> => {
    if (step === given.holdAt && !signal.aborted) await once(signal, 'abort')
  }
  const { together, ...rest } = task as Parameters<typeof trainAdapter>[0]
  const shared = together && { ...together, patience: { first: 60_000, later: 500 } }
  if (operation === 'train') return trainAdapter({ ...rest, together: shared }, { signal, emit: onEvent }, { afterStep })
  return engine.call(operation as keyof EngineOperations, task as never, { signal, onEvent: onEvent as (event: unknown) => void })
}
const quickly: RunOperation = async (_operation, task, { signal }) => {
  await delay(5 + Math.random() * 20, undefined, { signal })
  return { did: (task as { title: string }).title }
}

await QueueWorker.open({
  address: parseQueueAddress(given.url),
  store: openStore(given.store),
  ...{ folder: given.folder, name: given.name, lock: given.lock, machinery: { provider: 'cpu', threads: 1 } },
  async run(operation, task, options) {
    const value = await (given.quick ? quickly : really)(operation, task, options)
    await appendFile(given.log, `${given.name} ${JSON.stringify(value)}\n`)
    return value
  },
})
process.stdout.write('ready\n')
