// What the queue promises: nothing is lost and nothing is done twice, whatever dies, is cut off, starts anew or has a wrong clock.
import { mkdir, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { workFolder } from '../operations/testing.ts'
import { parseQueueAddress } from '../redis/address.ts'
import { connect, keyPrefix, queueName } from '../redis/connection.ts'
import { Ledger } from './ledger.ts'
import { cable, redisMissing, startRedis, type TestRedis } from '../redis/testing-redis.ts'
import { endWorkers, startWorker } from './testing-workers.ts'

const missing = redisMissing()
const folder = await workFolder()
let redis: TestRedis
let ledger: Ledger
const ends: (() => unknown)[] = []
beforeAll(async () => {
  if (missing) return
  redis = await startRedis('secret')
  await mkdir(folder.at('store'))
  const client = await connect(parseQueueAddress(redis.url))
  ends.push(() => client.disconnect())
  ledger = new Ledger(client)
})
beforeEach((context) => (missing ? context.skip(missing) : undefined))
afterAll(async () => {
  endWorkers()
  for (const end of ends) await end()
  await redis?.[Symbol.asyncDispose]()
  await folder.remove()
})

test('200 jobs, three workers: two killed, one cut off, the server killed and started, two clocks wrong', async () => {
  const { Queue } = await import('bullmq')
  const client = await connect(parseQueueAddress(redis.url))
  const queue = new Queue(queueName, { connection: client, prefix: keyPrefix })
  queue.on('error', () => undefined)
  const ids = Array.from({ length: 200 }, (_, i) => `job-${i}`)
  for (const id of ids) {
    const { round } = await ledger.submit(id, { operation: 'quick', title: id, task: { title: id }, inputs: [], store: '' })
    // As who asked and died, and asked again.
    for (let times = 0; times < 2; times++) await queue.add('call', { call: id }, { jobId: `${id}.${round}`, attempts: 1000 })
  }
  const wire = await cable(redis.port)
  const worker = (name: string, port: number, more: object = {}) =>
    startWorker({
      ...{ url: redis.url.replace(String(redis.port), String(port)), store: folder.at('store'), folder: folder.at(name), name, lock: 1000 },
      ...{ log: folder.at('log'), quick: true, ...more },
    })
  const [a, b] = await Promise.all([
    worker('ahead', redis.port, { wrongBy: 86_400_000 }),
    worker('back', redis.port, { wrongBy: -10_800_000, jumps: 1000 }),
    worker('wired', wire.port),
  ])
  const done = async (): Promise<number> =>
    (await Promise.all(ids.map((id) => ledger.look(id, '')))).filter((seen) => seen?.state === 'done').length
  const until = async (count: number): Promise<void> => {
    while ((await done()) < count) await delay(50)
  }
  await until(30)
  a.kill()
  wire.pull()
  await until(50)
  await redis.kill()
  await delay(1500)
  await redis.start()
  await until(70)
  wire.plug()
  b.kill()
  await worker('late', redis.port)
  await until(200)

  const results = await Promise.all(ids.map(async (id) => (await ledger.look(id, ''))?.result?.value))
  expect(results).toEqual(ids.map((did) => ({ did })))
  // Those that were done over again were not taken for done before: one result each, of the one who had it last.
  const did = (await readFile(folder.at('log'), 'utf8')).trim().split('\n')
  expect(new Set(did.map((line) => line.replace(/^\w+ /, ''))).size).toBe(200)
  expect(did.length - 200).toBeLessThanOrEqual(4)
  expect(new Set(did.map((line) => line.split(' ')[0])).size).toBeGreaterThan(2)
  await expect
    .poll(async () => Object.values(await queue.getJobCounts('wait', 'active', 'delayed', 'failed')).reduce((x, y) => x + y))
    .toBe(0)
  wire.close()
  await queue.close()
  client.disconnect()
})

test('what comes late is refused: events, checkpoints and results of a worker whose call is another’s', async () => {
  await ledger.submit('late', { operation: 'quick', title: 'late', task: {}, inputs: [], store: '' })
  const [slow, quick] = [await ledger.take('late', 'slow'), await ledger.take('late', 'quick')]
  const [old, now] = [slow?.fence ?? NaN, quick?.fence ?? NaN]
  expect(now).toBe(old + 1)
  const result = (value: string) => ({ result: { value, outputs: { name: '', files: [] } } })
  expect(await ledger.tell('late', old, [{ event: 'late' }])).toBeUndefined()
  expect(await ledger.note('late', old, 'checkpoint', { step: 1, folder: '', tree: { name: '', files: [] } })).toBe(false)
  expect(await ledger.finish('late', old, 'done', result('late'))).toBe(false)
  expect(await ledger.tell('late', now, [{ event: 'in time' }])).toEqual({ asked: undefined, words: [] })
  expect(await ledger.finish('late', now, 'done', result('in time'))).toBe(true)
  expect(await ledger.finish('late', now, 'failed')).toBe(false)
  expect(await ledger.take('late', 'third')).toBeUndefined()
  expect(await ledger.look('late', '')).toMatchObject({ state: 'done', result: { value: 'in time' }, events: [{ event: 'in time' }] })
})

test('what a person asks reaches who works on it, and what waits stops at once', async () => {
  const call = { operation: 'quick', title: 'asked', task: {}, inputs: [], store: '' }
  await ledger.submit('waits', call)
  expect([await ledger.ask('waits', 'pause'), (await ledger.look('waits', ''))?.state]).toEqual(['queued', 'paused'])
  expect(await ledger.take('waits', 'anyone')).toBeUndefined()
  expect(await ledger.submit('waits', call)).toEqual({ state: 'queued', round: 2 })
  const { fence = NaN } = (await ledger.take('waits', 'someone')) ?? {}
  await ledger.ask('waits', 'cancel')
  await ledger.say('waits', 'sample')
  expect(await ledger.tell('waits', fence, [])).toEqual({ asked: 'cancel', words: ['sample'] })
  // Its worker died before it heard: whoever takes it next does not begin.
  expect(await ledger.take('waits', 'other')).toBeUndefined()
  expect((await ledger.look('waits', ''))?.state).toBe('cancelled')
})
