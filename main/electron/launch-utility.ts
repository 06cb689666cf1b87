// Worker processes inside of Electron: Node without a window, and without the fuse that would let the app run as Node.
import { childEnvironment } from '../../engine/runtime/child-environment.ts'
import type { LaunchWorker } from '../processes/channel.ts'
import { withLargePages } from '../processes/large-pages.ts'
import type { Electron } from './electron-api.ts'

export function utilityWorkers({ utilityProcess }: Pick<Electron, 'utilityProcess'>, entry: string): LaunchWorker {
  return (role, more = {}) => {
    const child = utilityProcess.fork(entry, [role], {
      serviceName: `Pigment ${role}`,
      env: { ...withLargePages(childEnvironment(process.env)), ...more },
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
      kill() {
        const { pid } = child
        child.kill()
        // Electron asks in a way that a process which hangs does not hear.
        if (pid !== undefined && process.platform !== 'win32') end(pid)
      },
    }
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It was gone already.
  }
}
