// The entry of a worker process. The first argument is its role; it lives as long as the channel to its owner.
import { serveCalls, type CallHandlers } from './workers/serve-calls.ts'

interface ParentPort {
  on(event: 'message', listener: (message: { data: unknown }) => void): void
  postMessage(message: unknown): void
}
const { parentPort } = process as unknown as { parentPort?: ParentPort }

const role = process.argv[2] ?? 'engine'
const handlers: CallHandlers =
  role === 'tools' ? (await import('./workers/tools.ts')).toolHandlers : (await import('./workers/engine-jobs.ts')).engineHandlers

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
