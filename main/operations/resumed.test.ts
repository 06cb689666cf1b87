// Whatever is trained with whatever: a run that is stopped and gone on with, once, twice or ten times, ends with the bits of one that never was. Names
// come from the lists of choices, so a new optimizer, method or variant is held to it by itself; every two values that fit together are tried together.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Adapter } from '../../engine/adapters/adapter.ts'
import { openSafetensors, readTensor } from '../../engine/files/safetensors.ts'
import { loadRun, saveRun } from '../../engine/files/run-checkpoint.ts'
import { methodNames, optimizerNames, variantNames } from '../../engine/requests/training-names.ts'
import { trainRequest, type TrainRequest } from '../../engine/requests/train.ts'
import { soundModel, writeDiffusers } from '../../engine/models/testing.ts'
import { usualValues } from '../../engine/requests/usual-values.ts'
import { Model } from '../../engine/sessions/open-model.ts'
import { relativeL2 } from '../../engine/tensor/tensor.ts'
import { adapterTraining, openLanes } from '../../engine/training/adapter-training.ts'
import { LaneSteps } from '../../engine/training/lane-steps.ts'
import { optimizers } from '../../engine/training/optimizers/index.ts'
import { printGraph } from '../../engine/graph/print.ts'
import type { Lanes } from '../../engine/training/lanes.ts'
import { prepareTraining, type Prepared } from '../../engine/training/prepare-training.ts'
import type { Told, Training } from '../../engine/training/steps.ts'
import { trainingDataset } from '../../engine/training/training-dataset.ts'
import { trainingFields } from '../studio/training-fields.ts'
import { trainingProblems } from '../studio/training-problems.ts'
import { drain } from './drain.ts'
import { pairwise } from './testing-pairwise.ts'
import { workFolder, writeDataset, writeTinyModel } from './testing.ts'

const folder = await workFolder()
let model: Model
let prepared: Prepared
beforeAll(async () => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('pictures'), ['a', 'b'])
  model = await Model.open(folder.at('tiny'), { threads: 1 })
  const request = requestOf({})
  const dataset = await drain(trainingDataset(request), () => undefined)
  prepared = await drain(prepareTraining(model, dataset, request), () => undefined)
})
/** Opening a session takes longer than learning in it: those that learn of one graph share it. */
const opened = new Map<string, Lanes>()
async function lanesOf(training: Training<unknown>, request: TrainRequest): Promise<Lanes> {
  const { method, variant } = request
  const key = [method, variant, printGraph(training.graph)].join('\n')
  const lanes = opened.get(key) ?? (await drain(openLanes(training, model, request), () => undefined))
  opened.set(key, lanes)
  return lanes
}
afterAll(async () => {
  for (const lanes of opened.values()) await lanes[Symbol.asyncDispose]()
  await model[Symbol.asyncDispose]()
  await folder.remove()
})

const steps = 11
let runs = 0
const factors = {
  optimizer: optimizerNames,
  method: methodNames,
  variant: variantNames,
  ema: [undefined, 0.9],
  members: [1, 2],
  loraPlus: [undefined, 4],
  stops: [[7], [2, 9], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]],
} as const
type Row = { readonly [K in keyof typeof factors]: (typeof factors)[K][number] }

function requestOf({ stops: _stops, ...row }: Partial<Row>): TrainRequest {
  const small = { rank: 8, alpha: 8, steps, resolution: 32, warmup: 3, seed: 5 }
  const usual = usualValues(trainingFields, small, row)
  return trainRequest.parse({ ...usual, ...small, ...row, optimizerOptions: smallState(row.optimizer), dataset: folder.at('pictures') })
}

/** Where a state can lie in pages or in 8 bits, it does, small as it is. */
function smallState(name: Row['optimizer'] = 'adamw'): Readonly<Record<string, number>> {
  const takes = optimizers.find((one) => one.name === name)?.options.shape ?? {}
  return Object.fromEntries(Object.entries({ budgetMB: 0.0625, pageKB: 4, min8bitSize: 64 }).filter(([option]) => option in takes))
}

const fits = ({ stops: _stops, ...row }: Row): boolean => trainingProblems(requestOf(row)).length === 0
const rows = pairwise(factors, fits).map((row) => ({ ...row, stops: row.stops.length, at: row.stops }))

test('every optimizer, method and variant is among them', () => {
  for (const name of ['optimizer', 'method', 'variant'] as const)
    expect([...new Set(rows.map((row) => row[name]))].toSorted()).toEqual([...factors[name]].toSorted())
})

test('what is looked at and saved of Schedule-Free is the average x, not where its gradients are taken', async () => {
  const training = adapterTraining(model, requestOf({ optimizer: 'schedule-free' }), prepared, {})
  const lanes = await lanesOf(training, requestOf({}))
  await using work = await LaneSteps.open(training, lanes)
  for (const done of [0, 1, 2]) await work.advance(done)
  const at = await saveRun(folder.at('averaged'), {}, { step: 3, vectors: work.vectors() })
  const state = await openSafetensors(join(at, 'state.safetensors'))
  const [y, z] = [(await readTensor(state, 'theta')).data, (await readTensor(state, 'z')).data]
  const x = y.map((value, i) => value + (1 - 1 / 0.9) * ((z[i] ?? 0) - value)).sort()
  const saved = Float32Array.from(
    (await work.result()).modules.flatMap(({ tensors }) => Object.values(tensors).flatMap(({ data }) => [...data])),
  )
  expect(relativeL2(saved.sort(), x)).toBeLessThan(1e-6)
  expect(relativeL2(x, y.slice().sort())).toBeGreaterThan(1e-4)
})

test.each(rows)(
  '$optimizer, $method, $variant, ema $ema, members $members, LoRA+ $loraPlus: stopped $stops times',
  async ({ at, stops: _count, ...row }) => {
    const request = requestOf(row)
    const training = adapterTraining(model, request, prepared, {})
    const lanes = await lanesOf(training, request)
    const [whole, parted] = [await learnt(training, lanes, []), await learnt(training, lanes, at)]
    expect(parted).toEqual(whole)
    expect(whole.told.every(({ outputs }) => Number.isFinite(outputs.loss))).toBe(true)
  },
  60_000,
)

test('in fp16, over steps whose gradient overflows: they are skipped, and the loss scale goes on as it was', async () => {
  await writeDiffusers(folder.at('sound'), soundModel('sd1'))
  await using half = await Model.open(folder.at('sound'), { threads: 1, precision: 'fp16' })
  const request = requestOf({})
  const plain = adapterTraining(half, request, prepared, {})
  const overflowing = [3, 4, 8]
  const batches: typeof plain.batches = (member) => async (n) => {
    const feeds = await plain.batches(member)(n)
    return overflowing.includes(n) ? { ...feeds, weight: { shape: [1], data: Float32Array.of(1e30) } } : feeds
  }
  const training = { ...plain, batches }
  await using lanes = await drain(openLanes(training, half, request), () => undefined)
  const [whole, parted] = [await learnt(training, lanes, []), await learnt(training, lanes, [4, 9])]
  expect(parted).toEqual(whole)
  const first = whole.told.findIndex(({ skippedInRow }) => skippedInRow === undefined)
  const late = whole.told.flatMap(({ skippedInRow }, step) => (skippedInRow === undefined || step < first ? [] : [step]))
  expect(late.filter((step) => overflowing.includes(step))).toEqual(overflowing)
  expect(whole.told[5]?.outputs.lossScale).toBe((whole.told[3]?.outputs.lossScale ?? NaN) / 4)
  expect(Number.isFinite(whole.told.at(-1)?.outputs.loss)).toBe(true)
})

/** Comparing hashes is a thousand times as fast as comparing numbers one by one. */
const print = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

const printsOf = ({ modules }: Adapter) =>
  modules.map(({ path, tensors }) => [
    path,
    Object.entries(tensors).map(([role, { data }]) => [role, print(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))]),
  ])

/** Which pages are in memory is forgotten by a stop. */
const withoutPages = (one: Told): Told => {
  return { ...one, outputs: Object.fromEntries(Object.entries(one.outputs).filter(([name]) => !name.startsWith('pages'))) }
}

/** What a run tells, keeps and makes, where it is stopped after these steps and its checkpoint is read from the disk. */
async function learnt(training: Training<Adapter>, lanes: Lanes, stops: readonly number[]) {
  const run = folder.at(`run-${++runs}`)
  const told = []
  let done = 0
  for (const stop of [...stops, steps]) {
    const saved = done > 0 ? (await loadRun(run, {}))?.vectors : undefined
    await using work = await LaneSteps.open(training, lanes, { resumed: saved })
    while (done < stop) told.push(...(await work.advance(done++)).map(withoutPages))
    const at = await saveRun(run, {}, { step: done, vectors: work.vectors() })
    if (stop === steps) return { told, state: print(await readFile(join(at, 'state.safetensors'))), result: printsOf(await work.result()) }
  }
  throw new Error('The last stop is the end.')
}
