// The entry of a worker process. The first argument is its role; it lives as long as the channel to its owner.
import '../engine/files/threads.ts'
import type { WorkerRole } from './processes/channel.ts'
import { serveCalls, type CallHandlers } from './processes/serve-calls.ts'

interface ParentPort {
  on(event: 'message', listener: (message: { data: unknown }) => void): void
  postMessage(message: unknown): void
}
const { parentPort } = process as unknown as { parentPort?: ParentPort }

const roles: Readonly<Record<WorkerRole, () => Promise<CallHandlers>>> = {
  engine: async () => (await import('./operations/engine-jobs.ts')).engineHandlers,
  tools: async () => (await import('./operations/tools.ts')).toolHandlers,
  devices: async () => (await import('./processes/device-tests.ts')).deviceHandlers,
}
const handlers = await roles[process.argv[2] as WorkerRole]()

if (parentPort)
  serveCalls(
    {
      onMessage: (listener) => parentPort.on('message', ({ data }) => listener(data)),
      send: (message) => parentPort.postMessage(message),
    },
    handlers,
  )
else {
  process.on('disconnect', () => process.exit(0))
  serveCalls(
    {
      onMessage: (listener) => void process.on('message', listener),
      // A message to an owner who is gone is of use to nobody.
      send: (message) => void (process.connected && process.send?.(message, undefined, undefined, () => undefined)),
    },
    handlers,
  )
}
