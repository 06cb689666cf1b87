// A training that travels: whoever does it, and whoever dies over it, the file is the one that this machine would have made.
import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { engineOperations, type EngineOperations } from '../operations/engine/index.ts'
import type { OperationInput } from '../processes/operation.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from '../operations/testing.ts'
import { trainTogether } from '../operations/train-together.ts'
import { callsHere } from '../processes/caller.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { openRemote } from './open-remote.ts'
import { redisMissing, startRedis, type TestRedis } from '../redis/testing-redis.ts'
import { endWorkers, startWorker } from './testing-workers.ts'

const missing = redisMissing()
const folder = await workFolder()
let redis: TestRedis
beforeAll(async () => {
  if (missing) return
  redis = await startRedis('secret')
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('set'), ['a', 'b'])
})
beforeEach((context) => (missing ? context.skip(missing) : undefined))
afterAll(async () => {
  endWorkers()
  await redis?.[Symbol.asyncDispose]()
  await folder.remove()
})

const here = callsHere<EngineOperations>(() => Promise.resolve(engineOperations))
const steps = 16
const taskTo = (out: string): OperationInput<EngineOperations['train']> => ({
  ...trainRequest.parse({ dataset: folder.at('set'), steps, rank: 2, resolution: 32, checkpointEvery: 1, lr: 1e-3 }),
  ...{ model: folder.at('tiny'), out, precision: 'fp32', device: 'auto', threads: 0 },
})
const worker = (name: string, more: object = {}) =>
  startWorker({ url: redis.url, store: folder.at('store'), folder: folder.at(name), log: folder.at('log'), name, lock: 2500, ...more })

test('killed in the middle, gone on with by another worker, stopped and resumed: byte for byte what is made here', async () => {
  const whole = folder.at('whole.safetensors')
  await engineOperations.train({ ...taskTo(whole), device: 'cpu', threads: 1 }, fakeContext())

  const places: string[] = []
  const remote = await openRemote({
    ...{ address: redis.url, store: folder.at('store'), here },
    onPlace: ({ state, worker: by }) => places.push(by ?? state),
  })
  const first = await worker('first', { holdAt: 5 })
  const [out, seen] = [folder.at('there', 'whole.safetensors'), [] as number[]]
  let second: ReturnType<typeof worker> | undefined
  const stopped = new AbortController()
  const onEvent = (event: { readonly type: string; readonly step?: number }): void => {
    if (event.type !== 'step') return
    seen.push(event.step ?? NaN)
    if (event.step === 5 && !second) {
      first.kill()
      second = worker('second', { holdAt: 10 })
    }
    if (event.step === 10) stopped.abort()
  }
  await expect(remote.call('train', taskTo(out), { signal: stopped.signal, onEvent })).rejects.toMatchObject({
    code: 'cancelled',
  })
  const after = seen.at(-1) ?? 0
  expect(after).toBeLessThan(steps)
  const done = await remote.call('train', taskTo(out))
  expect(done).toMatchObject({ out, steps })
  expect((await readFile(out)).equals(await readFile(whole))).toBe(true)
  expect(places).toEqual(expect.arrayContaining(['first', 'second', 'paused', 'done']))
  // Nothing but the result comes here, and nothing of it stays with a worker.
  expect(await readdir(folder.at('there'))).toEqual(['whole.safetensors'])
  expect(await readdir(folder.at('second', 'calls'))).toEqual([])
  // Asked again it is done already: by nobody.
  endWorkers()
  expect(await remote.call('train', taskTo(folder.at('again', 'whole.safetensors')))).toMatchObject({ steps })
  await remote.close()
})

test('two workers share the batch of each step out by the queue, and one of them dies: to the bit what one makes alone', async () => {
  const task = (out: string) => ({ ...taskTo(out), steps: 8, accumulation: 2 })
  const [whole, out] = [folder.at('both-alone.safetensors'), folder.at('both', 'both-alone.safetensors')]
  await engineOperations.train({ ...task(whole), device: 'cpu', threads: 1 }, fakeContext())
  const remote = await openRemote({ address: redis.url, store: folder.at('store'), here })
  const [one] = await Promise.all([worker('one', { holdAt: 4 }), worker('other')])
  const onEvent = ({ type, ...event }: { readonly type: string; readonly step?: number }): void => {
    if (type === 'step' && event.step === 4) one.kill()
  }
  const done = await trainTogether(remote, task(out), 2, { signal: new AbortController().signal, onEvent })
  expect(done).toMatchObject({ out, steps: 8 })
  expect((await readFile(out)).equals(await readFile(whole))).toBe(true)
  await remote.close()
  endWorkers()
})
