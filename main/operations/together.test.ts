// Several who train one adapter together come to what one alone would have come to, whoever leaves and returns.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'
import { adapterTraining, openLanes } from '../../engine/training/adapter-training.ts'
import { Exchange } from '../../engine/training/exchange.ts'
import { LaneSteps } from '../../engine/training/lane-steps.ts'
import type { Lanes } from '../../engine/training/lanes.ts'
import { prepareTraining, type Prepared } from '../../engine/training/prepare-training.ts'
import { TestHub } from '../../engine/training/testing-line.ts'
import { trainingDataset } from '../../engine/training/training-dataset.ts'
import { drain } from './drain.ts'
import { workFolder, writeDataset, writeTinyModel } from './testing.ts'

const folder = await workFolder()
let model: Model
let prepared: Prepared
const opened: Lanes[] = []
beforeAll(async () => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('set'), ['a', 'b', 'c', 'd', 'e'])
  model = await Model.open(folder.at('tiny'), { threads: 1 })
  const request = requestOf({})
  prepared = await drain(prepareTraining(model, await drain(trainingDataset(request), () => undefined), request), () => undefined)
})
afterAll(async () => {
  await closeAll()
  await model[Symbol.asyncDispose]()
  await folder.remove()
})

const closeAll = async (): Promise<void> => {
  for (const lanes of opened.splice(0)) await lanes[Symbol.asyncDispose]()
}

const requestOf = (more: Partial<TrainRequest>): TrainRequest =>
  trainRequest.parse({ dataset: folder.at('set'), rank: 4, steps: 6, resolution: 32, lr: 1e-3, seed: 3, captionDropout: 0.3, ...more })

/** One who trains, on the lanes of its number: opening takes longer than learning. */
async function stepsOf(request: TrainRequest, who: number, exchange?: Exchange, saved?: LaneSteps<unknown>): Promise<LaneSteps<unknown>> {
  const training = { ...adapterTraining(model, request, prepared, {}), exchange }
  const lanes = (opened[who] ??= await drain(openLanes(training, model, request), () => undefined))
  const resumed =
    saved && Object.fromEntries(Object.entries(saved.vectors()).map(([name, vector]) => [name, 'read' in vector ? vector : copyOf(vector)]))
  return LaneSteps.open(training, lanes, { resumed })
}
const copyOf = (vector: Float32Array | Float64Array | Uint8Array) => {
  const own = vector.slice()
  const type = own instanceof Float32Array ? 'F32' : own instanceof Float64Array ? 'F64' : 'U8'
  return { type, length: own.length, read: (from: number, to: number) => Promise.resolve(own.slice(from, to)) } as const
}

async function alone(request: TrainRequest): Promise<{ theta: Float32Array; losses: number[] }> {
  const steps = await stepsOf(request, 0)
  const losses: number[] = []
  for (let done = 0; done < request.steps; done++) losses.push((await steps.advance(done))[0]?.outputs.loss ?? NaN)
  return { theta: steps.theta, losses }
}

async function together(request: TrainRequest, size: number): Promise<{ theta: Float32Array; losses: number[] }[]> {
  const hub = new TestHub()
  const one = async (rank: number) => {
    const steps = await stepsOf(request, rank, new Exchange(hub.line(), { rank, size }))
    const losses: number[] = []
    for (let done = 0; done < request.steps; done++) losses.push((await steps.advance(done))[0]?.outputs.loss ?? NaN)
    return { theta: steps.theta, losses }
  }
  return Promise.all(Array.from({ length: size }, (_, rank) => one(rank)))
}

test('micro-batches shared out among two and three: to the bit what one alone makes of them', async () => {
  const request = requestOf({ accumulation: 4 })
  const whole = await alone(request)
  for (const size of [2, 3]) for (const part of await together(request, size)) expect(part).toEqual(whole)
})

test('rows of a batch shared out, the last batch of an epoch being smaller: the same to 1e-5, with masks by row too', async () => {
  for (const more of [
    { batch: 3, dropout: 0.2 },
    { batch: 4, method: 't-lora' as const },
  ]) {
    const request = requestOf({ ...more, steps: 4, lr: 1e-4 })
    await closeAll()
    const whole = await alone(request)
    const parts = await together(request, 2)
    for (const { theta, losses } of parts) {
      expect(relativeL2(theta, whole.theta)).toBeLessThan(1e-5)
      expect(relativeL2(Float32Array.from(losses), Float32Array.from(whole.losses))).toBeLessThan(1e-5)
      expect(theta).toEqual(parts[0]?.theta)
    }
  }
})

test('one that leaves is waited for, then done without; it returns from its checkpoint, follows, and all end with the same bits', async () => {
  const request = requestOf({ accumulation: 2, steps: 8 })
  await closeAll()
  const whole = await alone(request)
  const hub = new TestHub()
  const patience = { first: 60_000, later: 20 }
  const stays = await stepsOf(request, 0, new Exchange(hub.line(), { rank: 0, size: 2, patience }))
  let gone = false
  const leaves = await stepsOf(
    request,
    1,
    new Exchange(
      hub.line(() => gone),
      { rank: 1, size: 2, patience },
    ),
  )
  for (let done = 0; done < 2; done++) await Promise.all([stays.advance(done), leaves.advance(done)])
  gone = true
  for (let done = 2; done < 5; done++) await stays.advance(done)
  const returns = await stepsOf(
    request,
    1,
    new Exchange(hub.line(), { rank: 1, size: 2, patience: { first: 60_000, later: 60_000 } }),
    leaves,
  )
  const ends = async (steps: LaneSteps<unknown>, from: number): Promise<void> => {
    for (let done = from; done < request.steps; done++) await steps.advance(done)
  }
  await Promise.all([ends(stays, 5), ends(returns, 2)])
  expect([stays.theta, returns.theta]).toEqual([whole.theta, whole.theta])
})
