// A run by the clock: it ends with the first step after its minutes, which are those of its steps alone and are counted on where it is taken up again.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TrainEvent } from '../requests/train-events.ts'
import { Checkpoints } from './checkpoints.ts'
import { trainingLoop, type Ahead } from './loop.ts'
import type { Steps } from './steps.ts'

let folder = ''
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'pigment-length-'))))
afterAll(() => rm(folder, { recursive: true }))

/** Each step takes ten seconds of a clock of its own; what is done between steps takes an hour. */
async function run(name: string, { minutes, kill = Infinity, stopAt }: { minutes: number; kill?: number; stopAt?: number }) {
  let clock = 0
  const work: Steps<number> = {
    theta: new Float32Array(1),
    advance: async (done) => ((clock += 10_000), [{ outputs: { loss: done }, gradNorm: 1, lr: 1 }]),
    vectors: () => ({ theta: Float32Array.of(1) }),
    result: () => 1,
  }
  const events: TrainEvent[] = []
  const ahead: Ahead[] = []
  const opening = Checkpoints.open(join(folder, name), { a: 'b' })
  let opened = await opening.next()
  while (!opened.done) opened = await opening.next()
  const loop = trainingLoop(work, opened.value, {
    ...{ steps: 1_000_000, minutes, lr: 1, checkpointEvery: 2, stopAt, now: () => clock },
    afterStep: async (step, _result, at) => {
      ahead.push(at)
      clock += 3_600_000
      if (step === kill) throw new Error('killed')
    },
  })
  try {
    for await (const event of loop) events.push(event)
  } catch (error) {
    return { steps: events.flatMap((event) => (event.type === 'step' ? event.step : [])), ahead, error: error as Error }
  }
  return { steps: events.flatMap((event) => (event.type === 'step' ? event.step : [])), ahead }
}

test('the last step is the first one after the minutes, and what comes between steps does not count', async () => {
  const { steps, ahead } = await run('whole', { minutes: 1 })
  expect(steps).toEqual([1, 2, 3, 4, 5, 6])
  expect(ahead.map(({ last }) => last)).toEqual([false, false, false, false, false, true])
  expect(ahead.at(-1)?.steps).toBe(6)
  expect((await run('short', { minutes: 0.05 })).steps).toEqual([1])
})

test('a kill does not begin the minutes anew: the time of the steps that are kept is kept with them', async () => {
  // Of step 5 there is no checkpoint: it is made again, and its time with it.
  expect((await run('killed', { minutes: 1, kill: 5 })).steps).toEqual([1, 2, 3, 4, 5])
  expect((await run('killed', { minutes: 1, kill: 5 })).steps).toEqual([5])
  expect((await run('killed', { minutes: 1 })).steps).toEqual([5, 6])
  // Whoever gives it more time goes on.
  expect((await run('killed', { minutes: 1.5 })).steps).toEqual([7, 8, 9])
  expect((await run('stopped', { minutes: 2, stopAt: 3 })).error?.message).toMatch('Stopped after step 3, 0.5 of 2 minutes')
})
