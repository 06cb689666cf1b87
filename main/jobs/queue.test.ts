import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PigmentError } from '../../engine/requests/error.ts'
import { generateForm } from '../api/methods/generate.ts'
import { trainingForm } from '../api/methods/training.ts'
import { pausedAdapter } from '../api/paused-adapter.ts'
import type { Job, Work } from './job.ts'
import { Queue } from './queue.ts'
import type { RunJob } from './queue-options.ts'

let folder: string
let queue: Queue
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-queue-'))))
afterEach(async () => {
  await queue.close()
  await rm(folder, { recursive: true, force: true })
})

const work: Work = { kind: 'generate', form: generateForm.parse({ prompt: 'moss' }), count: 1 }
const titles = (jobs: readonly Job[]): string[] => jobs.map(({ title }) => title)

async function open(run: RunJob): Promise<Queue> {
  queue = await Queue.open({ folder, run, changed: () => undefined })
  queue.start()
  return queue
}
/** Runs until it is asked to stop. */
const untilStopped: RunJob = (_job, _update, signal) =>
  new Promise((_done, fail) => signal.addEventListener('abort', () => fail(new PigmentError('cancelled', 'Stopped.'))))
const state = (id: string): string => queue.get(id).state

test('one job at a time, in the order that a person sets', async () => {
  const ran: string[] = []
  await open((job) => (ran.push(job.title), Promise.resolve({})))
  queue.hold(true)
  const [a, b, c] = [await queue.add('a', work, 1), await queue.add('b', work, 1), await queue.add('c', work, 1)]
  await queue.move(c.id, a.id)
  await queue.move(a.id, null)
  await queue.add('first', work, 1, { front: true })
  expect(titles(queue.waiting())).toEqual(['first', 'c', 'b', 'a'])
  queue.hold(false)
  await expect.poll(() => state(a.id)).toBe('done')
  expect([ran, b.state]).toEqual([['first', 'c', 'b', 'a'], 'queued'])
})

test('pausing keeps a job, cancelling ends it, both let the next one begin', async () => {
  await open(untilStopped)
  const [a, b] = [await queue.add('a', work, 1), await queue.add('b', work, 1)]
  await expect.poll(() => state(a.id)).toBe('running')
  // A second press, before the first was answered, asks for nothing else.
  const pressed = await Promise.all([queue.pause(a.id), queue.pause(a.id)])
  expect(pressed.map((one) => one.state)).toEqual(['pausing', 'pausing'])
  await expect.poll(() => [state(a.id), state(b.id)]).toEqual(['paused', 'running'])
  await queue.cancel(b.id)
  await expect.poll(() => state(b.id)).toBe('cancelled')
  expect((await queue.pause(a.id)).state).toBe('paused')
  await Promise.all([queue.resume(a.id), queue.resume(a.id)])
  await expect.poll(() => state(a.id)).toBe('running')
  expect((await queue.resume(a.id)).state).toBe('running')
  await expect(queue.pause(b.id)).rejects.toMatchObject({ code: 'job-not-running' })
})

test('what comes from the network runs beside what the engine does, each in its own order', async () => {
  await open(untilStopped)
  const fetch: Work = { kind: 'fetch', link: 'some/painter', licence: 'MIT' }
  const [a, b, c, d] = [
    await queue.add('a', work, 1),
    await queue.add('b', work, 1),
    await queue.add('c', fetch, 1),
    await queue.add('d', fetch, 1),
  ]
  const states = (): string[] => [a, b, c, d].map(({ id }) => state(id))
  await expect.poll(states).toEqual(['running', 'queued', 'running', 'queued'])
  await queue.pause(c.id)
  await expect.poll(states).toEqual(['running', 'queued', 'paused', 'running'])
  await queue.close()
  expect(states()).toEqual(['interrupted', 'queued', 'paused', 'interrupted'])
  await open(untilStopped)
})

test('a failure is kept with its record; a dead process makes the job interrupted', async () => {
  const ends = [
    new PigmentError('loss-nan', 'Step 3: the loss is NaN.', { step: 3 }),
    new PigmentError('worker-died', 'The process ended.'),
  ]
  await open(() => Promise.reject(ends.shift() ?? new Error('none')))
  const [a, b] = [await queue.add('a', work, 1), await queue.add('b', work, 1)]
  await expect.poll(() => [state(a.id), state(b.id)]).toEqual(['failed', 'interrupted'])
  expect(queue.get(a.id).error).toMatchObject({ code: 'loss-nan', facts: { step: 3 } })
})

test('a restart finds every job; what ran is interrupted and can be resumed', async () => {
  await open(untilStopped)
  const [a, b] = [await queue.add('a', work, 1), await queue.add('b', work, 1)]
  await expect.poll(() => state(a.id)).toBe('running')
  const left = queue
  // As after a power cut: nobody closes anything, and the last line is torn.
  await appendFile(join(folder, 'jobs.jsonl'), '{"id":"j1","sum":"00')
  const again = await Queue.open({ folder, run: () => Promise.resolve({}), changed: () => undefined })
  expect(again.list().map(({ title, state: now }) => [title, now])).toEqual([
    ['b', 'queued'],
    ['a', 'interrupted'],
  ])
  await left.close()
  queue = again
  queue.start()
  await queue.resume(a.id)
  await expect.poll(() => [state(a.id), state(b.id)]).toEqual(['done', 'done'])
  await queue.clear()
  expect(queue.list()).toEqual([])
})

/** Stands still when it is asked to pause, and is done once it may go on. */
const standing =
  (wentOn: string[]): RunJob =>
  (job, _update, signal, turn) =>
    job.work.kind === 'generate'
      ? untilStopped(job, _update, signal, turn)
      : new Promise((done, fail) => {
          signal.addEventListener('abort', () => fail(new PigmentError('cancelled', String(signal.reason))))
          turn.pausable(() => void turn.standStill(() => (wentOn.push(job.title), done({}))))
        })
const training = (model?: string): Work => ({
  kind: 'train',
  form: trainingForm.parse({ name: 'x', dataset: 'd', steps: 9, ...(model ? { model } : {}) }),
})

test('a paused training stands still beside pictures on its model, and goes on where it stood, after pictures of it', async () => {
  const wentOn: string[] = []
  await open(standing(wentOn))
  const run = await queue.add('run', training(), 9)
  await expect.poll(() => state(run.id)).toBe('running')
  await queue.pause(run.id)
  await expect.poll(() => state(run.id)).toBe('paused')
  expect(queue.stands(run.id)).toBe(true)
  const [first, other, ofIt] = [
    await queue.add('picture', work, 1),
    await queue.add('another', work, 1),
    await queue.add('of it', { ...work, form: generateForm.parse({ prompt: '', stack: [{ adapter: pausedAdapter(run.id) }] }) }, 1),
  ]
  expect([state(first.id), queue.stands(run.id)]).toEqual(['running', true])
  await queue.move(ofIt.id, other.id)
  await queue.resume(run.id)
  expect(titles(queue.waiting())).toEqual(['of it', 'run', 'another'])
  // Who draws on what it has open is not left without it.
  await queue.cancel(run.id)
  expect([state(run.id), queue.stands(run.id)]).toEqual(['cancelling', true])
  await queue.cancel(first.id)
  await expect.poll(() => [state(first.id), state(run.id), state(ofIt.id)]).toEqual(['cancelled', 'cancelled', 'running'])
  await queue.cancel(ofIt.id)
  await queue.cancel(other.id)

  const next = await queue.add('next', training(), 9)
  await expect.poll(() => state(next.id)).toBe('running')
  await queue.pause(next.id)
  await expect.poll(() => queue.stands(next.id)).toBe(true)
  await queue.resume(next.id)
  await expect.poll(() => state(next.id)).toBe('done')
  expect(wentOn).toEqual(['next'])
})

test.each([
  ['another training', training()],
  ['pictures on another model', { ...work, form: generateForm.parse({ prompt: '', model: 'other' }) }],
])('a paused training gives its memory to %s, and is paused all the same', async (_, asked) => {
  await open(standing([]))
  const run = await queue.add('run', training(), 9)
  await expect.poll(() => state(run.id)).toBe('running')
  await queue.pause(run.id)
  await expect.poll(() => queue.stands(run.id)).toBe(true)
  const other = await queue.add('other', asked, 1)
  await expect.poll(() => [state(run.id), state(other.id), queue.stands(run.id)]).toEqual(['paused', 'running', false])
  expect(queue.get(run.id).error).toBeUndefined()
})

test('pictures for which memory is short have it for themselves, and a press on the heels of another is heard', async () => {
  const heard: string[] = []
  await open((job, _update, signal, turn) => {
    if (job.work.kind === 'generate') return turn.alone().then(() => ({}))
    return new Promise((_done, fail) => {
      signal.addEventListener('abort', () => fail(new PigmentError('cancelled', String(signal.reason))))
      turn.pausable(() => void (heard.push('pause'), turn.standStill(() => heard.push('go on'))))
    })
  })
  const run = await queue.add('run', training(), 9)
  await expect.poll(() => state(run.id)).toBe('running')
  await queue.pause(run.id)
  await expect.poll(() => queue.stands(run.id)).toBe(true)
  await queue.resume(run.id)
  await queue.pause(run.id)
  await expect.poll(() => queue.stands(run.id)).toBe(true)
  expect([state(run.id), heard]).toEqual(['paused', ['pause', 'go on', 'pause']])
  const picture = await queue.add('picture', work, 1)
  await expect.poll(() => [state(picture.id), state(run.id), queue.stands(run.id)]).toEqual(['done', 'paused', false])
})

test('a paused training keeps its memory for a time, and until the queue closes', async () => {
  queue = await Queue.open({ folder, run: standing([]), changed: () => undefined, standing: 20 })
  queue.start()
  const run = await queue.add('run', training(), 9)
  await expect.poll(() => state(run.id)).toBe('running')
  await queue.pause(run.id)
  await expect.poll(() => [state(run.id), queue.stands(run.id)]).toEqual(['paused', false])
  await queue.close()
  await open(standing([]))
  await queue.resume(run.id)
  await expect.poll(() => state(run.id)).toBe('running')
  await queue.pause(run.id)
  await expect.poll(() => queue.stands(run.id)).toBe(true)
  await queue.close()
  expect(state(run.id)).toBe('paused')
  await open(standing([]))
  expect((await queue.take(run.id)).state).toBe('paused')
})
