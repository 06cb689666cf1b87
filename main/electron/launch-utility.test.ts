import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import type { Electron } from './electron-api.ts'
import { utilityWorkers } from './launch-utility.ts'

afterEach(() => void vi.unstubAllEnvs())

test('a worker of the window gets no secret, and ends also where it does not hear that it should', async (context) => {
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  let given: NodeJS.ProcessEnv = {}
  // As a worker that hangs: Electron's own way of ending it is not heard.
  const hung = spawn(process.execPath, ['-e', "process.on('SIGTERM', () => 0); setInterval(() => 0, 1000); process.send('up')"], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  await once(hung, 'message')
  const utilityProcess = {
    fork: (_entry: string, _words: readonly string[], options: { env: NodeJS.ProcessEnv }) => {
      given = options.env
      return Object.assign(new EventEmitter(), { pid: hung.pid, kill: () => hung.kill('SIGTERM') })
    },
  }
  const child = utilityWorkers({ utilityProcess } as unknown as Pick<Electron, 'utilityProcess'>, 'worker.mjs')('engine', {
    PIGMENT_CUDA: '/libraries',
  })
  expect([given.AWS_SECRET_ACCESS_KEY, given.PATH, given.PIGMENT_CUDA]).toEqual([undefined, process.env.PATH, '/libraries'])
  if (process.platform === 'win32') {
    hung.kill()
    return context.skip('on Windows every end is one that cannot be refused')
  }
  child.kill()
  const [, signal] = (await once(hung, 'exit')) as [number | null, string]
  expect(signal).toBe('SIGKILL')
})
