// A run that is stopped without warning, once, twice or ten times, ends with the bits of the one that was not: every method with every optimizer that goes
// with it, with and without a moving average in turn.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { adapterTraining, openLanes } from '../../engine/training/adapter-training.ts'
import { Checkpoints } from '../../engine/training/checkpoints.ts'
import { LaneSteps } from '../../engine/training/lane-steps.ts'
import type { Lanes } from '../../engine/training/lanes.ts'
import { trainingLoop } from '../../engine/training/loop.ts'
import { methods } from '../../engine/training/methods/index.ts'
import { optimizers } from '../../engine/training/optimizers/index.ts'
import type { Optimizer } from '../../engine/training/optimizers/optimizer.ts'
import { prepareTraining, type Prepared } from '../../engine/training/prepare-training.ts'
import { trainingDataset } from '../../engine/training/training-dataset.ts'
import { trainingRules } from '../../engine/training-rules.ts'
import { drain } from './drain.ts'
import { workFolder, writeDataset, writeTinyModel } from './testing.ts'

const folder = await workFolder()
const steps = 12
let model: Model
beforeAll(async () => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('set'), ['moss', 'fern'])
  model = await Model.open(folder.at('tiny'), { threads: 1 })
})
afterAll(async () => {
  for (const lanes of lanesOf.values()) await lanes[Symbol.asyncDispose]()
  await model[Symbol.asyncDispose]()
  await folder.remove()
})

/** Where a state may lie in pages or in 8 bits, it does. */
function optionsOf({ options: { shape } }: Optimizer): Readonly<Record<string, number>> {
  const wanted = { budgetMB: 0.0625, pageKB: 4, min8bitSize: 64 }
  return Object.fromEntries(Object.entries(wanted).filter(([name]) => Object.hasOwn(shape, name)))
}

const goes = (request: TrainRequest): boolean => {
  try {
    for (const rule of trainingRules) rule(request)
    return true
  } catch {
    return false
  }
}

const kills = [1, 2, 10]
const cases = methods.flatMap((method, m) =>
  optimizers.flatMap((optimizer, o) => {
    // Half of them averaged; the other way where that does not go together.
    const averaged = [(m + o) % 2 === 0, (m + o) % 2 === 1]
    const usual = { rank: 8, alpha: 8, steps, lr: 1e-3, batch: 1, resolution: 64, checkpointEvery: 2, dataset: folder.at('set') }
    const chosen = { method: method.name, optimizer: optimizer.name, optimizerOptions: optionsOf(optimizer) }
    const found = averaged
      .map((one) => trainRequest.parse({ ...usual, ...optimizer.usual, ...chosen, ...(one ? { ema: 0.9 } : {}) }))
      .find(goes)
    // Ten times for few, since each start costs as much as the run; every optimizer and every method has its turns.
    const count = kills[(o + 2 * m) % 5] ?? 1
    return found ? [{ method: method.name, optimizer: optimizer.name, ema: found.ema ?? 'none', count, request: found }] : []
  }),
)

/** Sessions keep nothing from step to step: one does for all runs of a method, and pictures are prepared once for all. */
const lanesOf = new Map<string, Lanes>()
let prepared: Prepared | undefined

async function run(name: string, request: TrainRequest, stops: readonly number[]): Promise<{ adapter: Adapter; state: Buffer }> {
  prepared ??= await drain(prepareTraining(model, await drain(trainingDataset(request), () => undefined), request), () => undefined)
  const training = adapterTraining(model, request, prepared, {})
  const lanes = lanesOf.get(request.method) ?? (await drain(openLanes(training, model, request), () => undefined))
  lanesOf.set(request.method, lanes)
  const runFolder = folder.at(name)
  let state = Buffer.of()
  for (const stop of [...stops, Infinity]) {
    const checkpoints = await drain(Checkpoints.open(runFolder, { name }), () => undefined)
    await using work = await LaneSteps.open(training, lanes, checkpoints)
    const afterStep = async (step: number): Promise<void> => {
      if (step === steps) state = await readFile(`${runFolder}/step-${String(steps).padStart(8, '0')}/state.safetensors`)
      if (step >= stop) throw new Error('killed')
    }
    const done = drain(trainingLoop(work, checkpoints, { ...request, afterStep }), () => undefined)
    if (stop === Infinity) return { adapter: await done, state }
    await expect(done).rejects.toThrow('killed')
  }
  throw new Error('It never came to its end')
}

test('every method and every optimizer is among them', () => {
  expect(new Set(cases.map(({ method }) => method))).toEqual(new Set(methods.map(({ name }) => name)))
  expect(new Set(cases.map(({ optimizer }) => optimizer))).toEqual(new Set(optimizers.map(({ name }) => name)))
  expect(new Set(cases.map(({ count }) => count))).toEqual(new Set(kills))
})

test.each(cases)('$method, $optimizer, moving average $ema: stopped $count times', async ({ method, optimizer, count, request }) => {
  const whole = await run(`${method}-${optimizer}-whole`, request, [])
  // Between two checkpoints and right after one.
  const stops = Array.from({ length: count }, (_, n) => (count === 1 ? 7 : 1 + Math.floor(((n + 1) * (steps - 1)) / (count + 1))))
  const parted = await run(`${method}-${optimizer}-parted`, request, stops)
  expect(parted.adapter.modules).toEqual(whole.adapter.modules)
  expect(parted.state.length).toBeGreaterThan(0)
  expect(parted.state.equals(whole.state)).toBe(true)
})
