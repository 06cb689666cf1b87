// Steps that a run keeps, each written once, and what can be made of them afterwards.
import { mkdir, readdir, rename } from 'node:fs/promises'
import { basename } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { gammaOf } from '../../engine/merging/post-hoc-ema.ts'
import { train as command } from '../commands/train.ts'
import { train } from './engine/train.ts'
import { stepsOfRun } from './steps-of-run.ts'
import { averageAdapters } from './tools/average-adapters.ts'
import { fakeContext, workFolder, writeDataset, writeRandomAdapters, writeTinyModel } from './testing.ts'

const folder = await workFolder()
const model = folder.at('tiny')
beforeAll(async () => {
  await writeTinyModel(model, 'sd1')
  await writeDataset(folder.at('pictures'), ['a', 'b', 'c'])
})
afterAll(folder.remove)

const names = async (...at: string[]) => (await readdir(folder.at(...at)).catch(() => [])).toSorted()
const namesOf = async (run: string) => (await stepsOfRun(run)).map((file) => basename(file))

test('a run keeps every so many-th step beside its adapter; one that is measured too is written once, and may be taken', async () => {
  const given = {
    model,
    dataset: folder.at('pictures'),
    out: folder.at('ink.safetensors'),
    rank: 2,
    resolution: 32,
    lr: 1,
    course: 'constant',
  }
  const watching = { heldOutCount: 1, validateEvery: 1, keep: 'best', keepEvery: 2, steps: 5 }
  await mkdir(folder.at('ink.steps'))
  await writeRandomAdapters(
    model,
    [folder.at('ink.steps', 'ink-step00000900.safetensors'), folder.at('ink.steps', 'other-step00000001.safetensors')],
    'fp32',
  )
  const run = async (more: object) => {
    const context = fakeContext()
    const task = { ...command.input.parse({ ...given, ...watching, ...more }), ...folder.machinery } as unknown as Parameters<
      typeof train
    >[0]
    return { ...(await train(task, context)), kept: context.records.flatMap((one) => (one.type === 'kept' ? one.step : [])) }
  }
  expect((await run({ stopAt: 3 })).kept).toEqual([2])
  // That of an earlier run of the name is gone, and what is not its own stays.
  expect(await names('ink.steps')).toEqual(['ink-step00000002.safetensors', 'other-step00000001.safetensors'])
  expect(await names('ink.run', 'measured')).toEqual(['0000001.safetensors', '0000003.safetensors'])
  await rename(folder.at('ink.steps', 'other-step00000001.safetensors'), folder.at('other.safetensors'))
  expect(await namesOf(folder.at('ink.run'))).toEqual(['ink-step00000002.safetensors', 'adapter.safetensors'])
  const done = await run({})
  expect([done.kept, await names('ink.run')]).toEqual([[4], []])
  const all = [2, 4].map((step) => `ink-step0000000${step}.safetensors`)
  const result = done.keptStep ?? done.steps
  const expected = [...all, ...([2, 4].includes(result) ? [] : ['ink.safetensors'])]
  expect((await namesOf(folder.at('ink.safetensors'))).toSorted()).toEqual(expected.toSorted())
})

test('the average of a run is that of its files, the last ones counting more; a run without steps says how to keep them', async () => {
  const files = [10, 20].map((step) => folder.at('sea.steps', `sea-step000000${step}.safetensors`)).concat(folder.at('sea.safetensors'))
  await mkdir(folder.at('sea.steps'))
  await writeRandomAdapters(model, files, 'fp32')
  for (const run of ['sea.safetensors', 'sea.steps', 'sea.run']) expect([run, await stepsOfRun(folder.at(run))]).toEqual([run, files])
  const averaged = async (of: readonly string[], out: string) =>
    (await averageAdapters({ files: of, width: 0.1, out: folder.at(out) }, fakeContext())).from.map(({ name, weight }) => [name, weight])
  const byRun = await averaged([folder.at('sea.safetensors')], 'by-run.safetensors')
  expect(byRun).toEqual(await averaged(files, 'by-files.safetensors'))
  expect(byRun.map(([name]) => name)).toEqual(['sea-step00000010', 'sea-step00000020', 'sea'])
  // Files that say their steps count for as many as they stand for.
  const [one, two] = [10, 11].map((step) => folder.at('uneven.steps', `uneven-step000000${step}.safetensors`)) as [string, string]
  await mkdir(folder.at('uneven.steps'))
  await writeRandomAdapters(model, [one, two], 'fp32')
  const [[, first = 0] = [], [, second = 0] = []] = await averaged([one, two], 'uneven.safetensors')
  expect(Number(first) / (Number(first) + Number(second))).toBeCloseTo((10 / 11) ** (gammaOf(0.1) + 1), 12)
  await expect(stepsOfRun(folder.at('nothing.safetensors'))).rejects.toMatchObject({ code: 'steps-too-few', facts: { title: 'nothing' } })
})
