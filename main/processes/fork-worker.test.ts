import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { forkWorkers } from './fork-worker.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-worker-'))
  vi.stubEnv('HF_TOKEN', 'secret')
  vi.stubEnv('NODE_OPTIONS', '--no-warnings')
  vi.stubEnv('VK_DRIVER_FILES', '/driver')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

test('a worker is told where drivers are, and nothing that is a secret or changes what it runs', async () => {
  const entry = join(folder, 'worker.ts')
  await writeFile(entry, 'process.send?.(process.env)')
  const child = forkWorkers(entry)('tools')
  const environment = await new Promise<NodeJS.ProcessEnv>((done) => child.onMessage((message) => done(message as NodeJS.ProcessEnv)))
  child.kill()
  expect([environment.HF_TOKEN, environment.NODE_OPTIONS, environment.VK_DRIVER_FILES]).toEqual([undefined, undefined, '/driver'])
  expect(environment.PATH).toBe(process.env.PATH)
})
