// Worker processes inside of Electron: Node without a window, and without the fuse that would let the app run as Node.
import type { LaunchWorker } from '../workers/channel.ts'
import { withLargePages } from '../workers/large-pages.ts'
import type { Electron } from './electron-api.ts'

export function utilityWorkers({ utilityProcess }: Pick<Electron, 'utilityProcess'>, entry: string): LaunchWorker {
  return (role) => {
    const child = utilityProcess.fork(entry, [role], {
      serviceName: `Pigment ${role}`,
      env: withLargePages(process.env),
      // What drivers say that are not there would alarm for nothing.
      stdio: ['ignore', 'ignore', role === 'devices' ? 'ignore' : 'inherit'],
    })
    return {
      get pid() {
        return child.pid
      },
      send: (message) => child.postMessage(message),
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void child.once('exit', (code) => listener(`code ${code}`)),
      kill: () => void child.kill(),
    }
  }
}
