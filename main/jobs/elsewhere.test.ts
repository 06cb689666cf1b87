// Jobs of the studio that other machines do: handed to a real queue, found again, and in the end as if they had been done here.
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fileError } from '../../engine/files/file-error.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import type { JobSummary } from '../api/methods/jobs.ts'
import { engineOperations, type EngineOperations } from '../operations/engine/index.ts'
import { fakeContext, writeDataset, writeTinyModel } from '../operations/testing.ts'
import { callsHere } from '../processes/caller.ts'
import { parseQueueAddress } from '../redis/address.ts'
import { redisMissing, startRedis, type TestRedis } from '../redis/testing-redis.ts'
import { connect } from '../redis/connection.ts'
import { inputName } from '../remote/content-store.ts'
import { Ledger } from '../remote/ledger.ts'
import { tryStore } from '../remote/look-around.ts'
import { openStore } from '../remote/open-store.ts'
import { QueueWorker } from '../remote/queue-worker.ts'
import { holdFiles, sweepStore } from '../remote/references.ts'
import { useHost } from '../studio/testing.ts'

const missing = redisMissing()
// Equal runs give equal files.
process.env.SOURCE_DATE_EPOCH = '1'
const studio = useHost('elsewhere')
const { api, at } = studio
let redis: TestRedis
let worker: QueueWorker | undefined
let [dataset, model] = ['', '']

beforeAll(async () => {
  if (missing) return
  redis = await startRedis('secret')
  await api.settings.set({ device: 'cpu', threads: 1 })
  await writeTinyModel(at('model'), 'sd1')
  model = (await api.models.add({ path: at('model') })).id
  await writeDataset(at('pictures'), ['a', 'b'])
  dataset = (await api.datasets.create({ name: 'Two', from: { path: at('pictures') }, mode: 'reference' })).id
})
beforeEach((context) => (missing ? context.skip(missing) : undefined))
afterAll(async () => {
  await worker?.close()
  await redis?.[Symbol.asyncDispose]()
  delete process.env.SOURCE_DATE_EPOCH
})

const here = callsHere<EngineOperations>(() => Promise.resolve(engineOperations))
let slow = true
async function startWorker(name: string): Promise<void> {
  worker = await QueueWorker.open({
    address: parseQueueAddress(redis.url),
    store: openStore(at('store')),
    ...{ folder: at(name), name, machinery: { provider: 'cpu', threads: 1 } },
    run: (operation, task, { signal, onEvent }) =>
      here.call(operation as keyof EngineOperations, task as never, {
        signal,
        onEvent(event: { readonly type: string }) {
          // Long enough for a person to do something meanwhile; it costs nothing.
          if (event.type === 'step' && slow) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150)
          onEvent(event)
        },
      }),
  })
}
const samples = { prompts: ['a'], every: 20, steps: 1 }
const form = () => ({
  ...{ name: 'Style', dataset, model, steps: 40, rank: 2, alpha: 2, lr: 1e-3, resolution: 32, checkpointEvery: 5, samples },
})
const get = async (job: string): Promise<JobSummary> => (await api.jobs.list({})).find(({ id }) => id === job) as JobSummary
/** Ends at once where the job did, for a reason that nobody wanted. */
const until = async (job: string, wanted: (now: JobSummary) => boolean): Promise<void> => {
  let now: JobSummary | undefined
  await expect
    .poll(async () => ((now = await get(job)), wanted(now) || now.error !== undefined), { timeout: 150_000, interval: 60 })
    .toBe(true)
  expect(now?.error).toBeUndefined()
}
const filesIn = async (folder: string): Promise<string[]> =>
  (await readdir(folder, { recursive: true, withFileTypes: true })).flatMap((one) => (one.isFile() ? one.name : []))
const isWaiting = ({ state, preparing, elsewhere }: JobSummary): boolean =>
  state === 'running' && preparing === null && elsewhere?.queue !== ''

const errno = (code: string): Error => Object.assign(new Error(code), { code })

test('a queue is named and tried; its password is kept apart', async () => {
  const tried = async () => (await api.workers.look({})).problem?.code
  expect(await tried()).toBe('queue-none')
  await expect(api.training.start({ ...form(), runOn: 'workers' })).rejects.toMatchObject({ code: 'queue-none' })
  await api.workers.set({ address: redis.url })
  expect(await api.workers.state({})).toMatchObject({ store: null, password: 'file' })
  expect(await readFile(at('home', 'settings.json'), 'utf8')).not.toContain('secret')
  expect(await tried()).toBe('store-missing')
  await api.workers.set({ store: at('nowhere') })
  expect(await tried()).toBe('store-not-there')
  await mkdir(at('store'))
  await api.workers.set({ store: at('store') })
  await api.workers.set({ password: 'another' })
  expect(await tried()).toBe('queue-refused')
  await api.workers.set({ address: redis.url })
  expect(await tried()).toBe('worker-none')
  const connectionName = `pigment:${Buffer.from('pigment-0.0.1').toString('base64')}:w:old`
  const old = await connect(parseQueueAddress(redis.url), { connectionName })
  await old.ping()
  expect((await api.workers.look({})).problem).toMatchObject({ code: 'worker-version', facts: { versions: '0.0.1' } })
  old.disconnect()
  const refusing = { ...openStore(at('store')), put: () => Promise.reject(fileError(errno('EROFS'), at('store'), 'write')) }
  await expect(tryStore(refusing)).rejects.toMatchObject({ code: 'store-read-only' })
  await expect(api.settings.set({ queueAddress: redis.url })).rejects.toMatchObject({ code: 'input-invalid' })
})

test('handed in, paused, the queue killed, left by the studio and found again: the file that this machine makes', async () => {
  const { id } = await api.training.start({ ...form(), runOn: 'workers' })
  await until(id, isWaiting)
  expect((await get(id)).elsewhere).toMatchObject({ worker: null, away: false })
  await startWorker('card-0')
  await until(id, ({ step }) => step >= 3)
  expect(await api.workers.look({})).toEqual({ workers: ['card-0'], problem: null })
  expect((await get(id)).elsewhere).toMatchObject({ worker: 'card-0' })
  await api.jobs.pause({ job: id })
  await until(id, ({ state }) => state === 'paused')
  const { step: before } = await get(id)
  expect(before).toBeLessThan(40)
  await api.jobs.resume({ job: id })
  await until(id, ({ step }) => step > before)
  await redis.kill()
  await until(id, ({ elsewhere }) => elsewhere?.away === true)
  await studio.host.close()
  await studio.open()
  expect(await get(id)).toMatchObject({ state: 'running', elsewhere: { away: true } })
  slow = false
  await redis.start()
  await until(id, ({ state }) => state === 'done')

  const { name, dataset: _set, samples: _samples, ...asked } = form()
  const out = at(`${name}.safetensors`)
  const task = {
    ...trainRequest.parse({ ...asked, title: name, dataset: at('pictures') }),
    model: at('model'),
    out,
    precision: 'fp32',
  } as const
  await engineOperations.train({ ...task, device: 'cpu', threads: 1 }, fakeContext())
  const run = await api.training.run({ run: id })
  expect((await readFile((await api.library.get({ adapter: run.adapter ?? '' })).path)).equals(await readFile(out))).toBe(true)
  expect(run.curve.step).toEqual(Array.from({ length: task.steps }, (_, i) => i + 1))
  // That of step 20 may be what the pause fell into.
  expect(run.samples.map(({ step }) => step)).toEqual(expect.arrayContaining([0, 40]))
  expect(run.kept).toEqual([20])
  // What the job needed and made is nowhere but here any more.
  await expect.poll(() => filesIn(at('store')), { timeout: 20_000 }).toEqual([])
  const log = (await api.jobs.get({ job: id })).log.map(({ code }) => code)
  expect(log).toEqual(expect.arrayContaining(['started', 'taken', 'queue-away', 'queue-back', 'done']))
})

test('cancelled with nobody to hear of it', async () => {
  await worker?.close()
  worker = undefined
  const { id } = await api.training.start({ ...form(), runOn: 'workers' })
  await until(id, isWaiting)
  expect((await filesIn(at('store'))).length).toBeGreaterThan(0)
  await api.jobs.cancel({ job: id })
  await until(id, ({ state }) => state === 'cancelled')
  await expect.poll(() => filesIn(at('store')), { timeout: 20_000 }).toEqual([])
})

test('a file that two calls need stays until the second of them is over, and one that is asked for again meanwhile too', async () => {
  const client = await connect(parseQueueAddress(redis.url))
  const [ledger, store] = [new Ledger(client), openStore(at('shared'))]
  const hash = 'ab'.repeat(32)
  await store.put(inputName(hash), at('pictures', 'a.txt'))
  const call = { operation: 'quick', title: '', task: {}, inputs: [], store: '' }
  for (const id of ['one', 'two']) {
    await holdFiles(client, id, [hash])
    await ledger.submit(id, call)
  }
  const swept = async (): Promise<boolean> => (await sweepStore(client, store), !(await store.has(inputName(hash))))
  await ledger.ask('one', 'cancel')
  expect(await swept()).toBe(false)
  const { fence = NaN } = (await ledger.take('two', 'anyone')) ?? {}
  await ledger.finish('two', fence, 'done', { result: { value: 0, outputs: { name: '', files: [] } } })
  await holdFiles(client, 'three', [hash])
  expect(await swept()).toBe(false)
  await ledger.submit('three', call)
  await ledger.ask('three', 'pause')
  expect(await swept()).toBe(false)
  await ledger.ask('three', 'cancel')
  expect(await swept()).toBe(true)
  client.disconnect()
})
