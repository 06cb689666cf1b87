// Starts the workers of tests, each as a process.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { childEnvironment } from '../../engine/runtime/child-environment.ts'
import type { TestWorker } from './testing-worker.ts'

const started = new Set<ChildProcess>()

/** Ends those that are left. */
export function endWorkers(): void {
  for (const child of started) child.kill('SIGKILL')
  started.clear()
}

export async function startWorker(given: TestWorker): Promise<{ kill(): void }> {
  const entry = fileURLToPath(new URL('./testing-worker.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry], {
    env: { ...childEnvironment(process.env), TESTING_WORKER: JSON.stringify(given) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.add(child)
  process.once('exit', endWorkers)
  await once(child.stdout, 'data')
  return { kill: () => void child.kill('SIGKILL') }
}
