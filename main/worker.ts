// The entry of a worker process. The first argument is its role; it lives as long as the channel to its owner.
import '../engine/files/threads.ts'
import type { WorkerRole } from './processes/channel.ts'
import type { Operations } from './processes/operation.ts'
import { serveCalls } from './processes/serve-calls.ts'

interface ParentPort {
  on(event: 'message', listener: (message: { data: unknown }) => void): void
  postMessage(message: unknown): void
}
const { parentPort } = process as unknown as { parentPort?: ParentPort }

const roles: Readonly<Record<WorkerRole, () => Promise<Operations>>> = {
  engine: async () => (await import('./operations/engine/index.ts')).engineOperations,
  tools: async () => (await import('./operations/tools/index.ts')).toolOperations,
  devices: async () => (await import('./processes/device-tests.ts')).deviceOperations,
}
// Ctrl-C reaches every process of a terminal. The owner hears it too, and asks for what is to be saved first.
process.on('SIGINT', () => undefined)

const operations = await roles[process.argv[2] as WorkerRole]()

if (parentPort)
  serveCalls(
    {
      onMessage: (listener) => parentPort.on('message', ({ data }) => listener(data)),
      send: (message) => parentPort.postMessage(message),
    },
    operations,
  )
else {
  process.on('disconnect', () => process.exit(0))
  serveCalls(
    {
      onMessage: (listener) => void process.on('message', listener),
      // A message to an owner who is gone is of use to nobody.
      send: (message) => void (process.connected && process.send?.(message, undefined, undefined, () => undefined)),
    },
    operations,
  )
}
