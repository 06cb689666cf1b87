import { expect, test } from 'vitest'
import { PigmentError } from '../../engine/requests/error.ts'
import type { EngineOperations } from '../operations/engine/index.ts'
import type { WorkerProcess } from '../processes/worker-process.ts'
import { runInProcess } from './run-in-process.ts'

test('a training that lacks memory on a worker is tried again with less, in a fresh process, and who asked is told', async () => {
  const did: string[] = []
  const rung = { takes: ['recompute'], same: false }
  const engine = {
    renew: () => void did.push('renew'),
    start: (operation: string) => {
      did.push(operation)
      const short = new PigmentError('out-of-memory', 'Not enough.', { graph: 'train lora', rung })
      const done = did.filter((one) => one === 'train').length === 1 ? Promise.reject(short) : Promise.resolve({ out: 'a' })
      return { done, grant: () => undefined, notify: () => undefined }
    },
  } as unknown as WorkerProcess<EngineOperations>
  const told: unknown[] = []
  const options = { signal: new AbortController().signal, onEvent: (event: unknown) => void told.push(event), onWord: () => undefined }
  await expect(runInProcess(engine)('train', {}, options)).resolves.toEqual({ out: 'a' })
  expect(did).toEqual(['renew', 'train', 'renew', 'train'])
  expect(told).toMatchObject([{ type: 'warning', code: 'memory-rung-recompute', facts: { takes: ['recompute'] } }])
})
