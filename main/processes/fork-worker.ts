// Worker processes outside of Electron.
import { fork } from 'node:child_process'
import { childEnvironment } from '../../engine/runtime/child-environment.ts'
import type { LaunchWorker } from './channel.ts'
import { withLargePages } from './large-pages.ts'

/** Starts `entry` with its role as the only argument; it ends with its owner, because the channel between them closes. */
export function forkWorkers(entry: string): LaunchWorker {
  return (role, more = {}) => {
    const child = fork(entry, [role], {
      serialization: 'advanced',
      env: { ...withLargePages(childEnvironment(process.env)), ...more },
      execArgv: ['--disable-warning=ExperimentalWarning'],
      // What drivers say that are not there would alarm for nothing.
      stdio: ['ignore', 'ignore', role === 'devices' ? 'ignore' : 'inherit', 'ipc'],
    })
    let ended = false
    return {
      pid: child.pid,
      send(message) {
        if (child.connected) child.send(message as object, () => undefined)
      },
      onMessage: (listener) => void child.on('message', listener),
      onExit(listener) {
        const end = (reason: string): void => {
          if (!ended) listener(reason)
          ended = true
        }
        child.on('exit', (code, signal) => end(signal ? `signal ${signal}` : `code ${code}`))
        child.on('error', (error) => end(error.message))
      },
      kill: () => void child.kill('SIGKILL'),
    }
  }
}
