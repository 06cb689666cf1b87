import { availableParallelism, hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import type { EngineOperations } from '../operations/engine/index.ts'
import { dataFolder } from '../places/places.ts'
import { Devices } from '../processes/devices.ts'
import { forkWorkers } from '../processes/fork-worker.ts'
import { WorkerProcess } from '../processes/worker-process.ts'
import { terminalCommand, type TerminalCommand } from './terminal-command.ts'

/** Does jobs of a queue until it is stopped. */
export const workerCommand: TerminalCommand = terminalCommand({
  name: 'worker',
  summary: 'Do jobs of a queue on this machine, one at a time: --queue and --store name it. One for each card. Ctrl-C gives the job back.',
  input: z.object({
    name: z
      .string()
      .min(1)
      .max(60)
      .optional()
      .meta({ description: 'as Jobs shows it', placeholder: 'NAME', fallback: 'host name and process' }),
    folder: z.string().min(1).optional().meta({
      description: 'where pictures and models lie that were fetched, for the next job',
      placeholder: 'DIR',
      fallback: 'worker/ in the data folder',
    }),
    lock: z.number().min(1).max(3600).default(30).meta({
      description: 'seconds without a sign of life after which its job is given to another worker',
      placeholder: 'S',
    }),
  }),
  async run({ device, threads, queue = {}, emit }, { name = `${hostname()}-${process.pid}`, folder, lock }, signal) {
    const [{ parseQueueAddress }, { openStore }, { QueueWorker }, { runInProcess }] = await Promise.all([
      import('../redis/address.ts'),
      import('../remote/open-store.ts'),
      import('../remote/queue-worker.ts'),
      import('../remote/run-in-process.ts'),
    ])
    if (queue.address === undefined)
      throw new PigmentError('usage', 'A worker needs the address of its queue: --queue redis://host, or PIGMENT_QUEUE.', {
        option: '--queue',
      })
    const address = parseQueueAddress(queue.address)
    const store = openStore(queue.store)
    const launch = forkWorkers(fileURLToPath(new URL('../worker.ts', import.meta.url)))
    const devices = new Devices(launch)
    const { provider } = await devices.choose(device).finally(() => devices.close())
    const engine = new WorkerProcess<EngineOperations>('engine', launch)
    const note = (message: string): void => emit({ type: 'note', message })
    const worker = await QueueWorker.open({
      ...{ address, store, name, lock: lock * 1000, folder: folder ?? join(dataFolder(), 'worker') },
      run: runInProcess(engine),
      machinery: { provider, threads: threads || availableParallelism() },
      onCall: ({ title, id, state }) => note(`${title} (${id.slice(0, 8)}): ${state}`),
    })
    note(`${name} waits for jobs of ${address.shown} on ${provider}; files travel by ${store.shown}.`)
    try {
      await new Promise<void>((done) => (signal.aborted ? done() : signal.addEventListener('abort', () => done(), { once: true })))
      await worker.close()
    } finally {
      engine.stop()
    }
    return undefined
  },
})
