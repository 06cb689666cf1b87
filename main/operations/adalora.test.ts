// An AdaLoRA run from the terminal's side: it goes on bit for bit, and its result is plain LoRA of differing rank in every format.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { moduleShapes, readAdapter, writeAdapter } from '../../engine/adapter-formats/read.ts'
import { compareAdapters } from '../../engine/adapters/compare.ts'
import { moduleRank } from '../../engine/adapters/variants/variant.ts'
import { openCheckpoint } from '../../engine/models/open-checkpoint.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { train } from '../commands/train.ts'
import { trainingProblems } from '../studio/training-problems.ts'
import { fromPairs } from './option-pairs.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { inspectAdapter } from './tools/inspect-adapter.ts'
import { adaptedSizes } from './tools/adapted-sizes.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
const path = folder.at('tiny')
beforeAll(async () => {
  await writeTinyModel(path, 'sd1')
  await writeDataset(folder.at('pictures'), ['a', 'b'])
})
afterAll(folder.remove)

const method = ['targetRank=2', 'tfinal=1', 'deltaT=2']
// Some of each shape and place: opening a session takes as long as there are layers.
const groups = 'self-q,cross-out,samplers'
const usual = { method: 'adalora', methodOption: method, groups, rank: 4, alpha: 2, steps: 5, lr: 1e-2, resolution: 64, title: 'x' }

async function trained(name: string, stops: readonly number[], more: object = {}) {
  const out = folder.at(`${name}.safetensors`)
  const input = train.input.parse({ ...usual, ...more, dataset: folder.at('pictures'), model: path, out })
  const given = { ...fromPairs(input), ...folder.machinery } as const
  const others: Readonly<Record<string, number>>[] = []
  let [trainable, state] = [0, Buffer.of()]
  for (const stop of [...stops, Infinity]) {
    const [interrupt, context] = [new AbortController(), fakeContext()]
    const run = trainAdapter({ ...given, checkpointEvery: 1 }, { ...context, signal: interrupt.signal }, {
      async afterStep(_, step) {
        if (step >= stop) interrupt.abort()
        if (step === 5) state = await readFile(`${folder.at(name)}.run/step-00000005/state.safetensors`)
      },
    }) // prettier-ignore
    if (stop === Infinity) await run
    else await expect(run).rejects.toMatchObject({ code: 'cancelled' })
    for (const record of context.records) {
      if (record.type === 'step') others.push(record.others as Readonly<Record<string, number>>)
      if (record.type === 'start') trainable = record.trainable as number
    }
  }
  return { out, file: await readFile(out), state, others, trainable }
}

test.each([['alone', [3], {}], ['averaged, with LoRA+', [1, 3], { ema: 0.5, loraPlus: 4 }]])('a run that is stopped goes on bit for bit: %s', async (name, stops, more) => {
  const [whole, parted] = [await trained(`${name} whole`, [], more), await trained(`${name} parted`, stops, more)]
  expect(parted.file.equals(whole.file)).toBe(true)
  expect(parted.state.equals(whole.state)).toBe(true)
  expect(parted.others).toEqual(whole.others)
  expect(whole.others.every(({ penalty = 0 }) => penalty > 0)).toBe(true)
  expect([whole.others[0]?.rank, whole.others.at(-1)?.rank]).toEqual([4, 2])

  const modules = moduleShapes(await openCheckpoint(path))
  const adapter = await readAdapter(whole.out, modules)
  const ranks = JSON.parse(adapter.metadata['pigment.ranks'] ?? '{}') as Record<string, number>
  const found = Object.fromEntries(adapter.modules.map((module) => [module.path, moduleRank(module)]))
  expect(adapter.modules.every(({ variant }) => variant === 'lora')).toBe(true)
  expect(found).toEqual(Object.fromEntries(Object.entries(ranks).filter(([, rank]) => rank > 0)))
  expect(new Set(Object.values(ranks)).size).toBeGreaterThan(2)
  const { rankBlocks = [] } = await inspectAdapter({ path: whole.out, model: path }, fakeContext())
  expect(Object.assign({}, ...rankBlocks.map((block) => block.ranks))).toEqual(ranks)
  expect(rankBlocks.map(({ block }) => block)).toContain('M00')
  expect(Object.values(ranks).reduce((a, b) => a + b)).toBe(2 * Object.keys(ranks).length)
  expect(adapter.modules.some(({ tensors }) => tensors.down?.shape[2] === 3)).toBe(true)
  for (const format of ['kohya', 'peft']) {
    const at = folder.at(`${name} ${format}`)
    const [file = at] = await writeAdapter(adapter, format, at, { modules, precision: 'fp32' })
    expect(compareAdapters(await readAdapter(format === 'peft' ? at : file, modules), adapter)).toMatchObject({ identical: true, missing: [] })
  }
  const { methodOption: _pairs, ...form } = usual
  expect(await adaptedSizes({ path, request: trainRequest.parse({ dataset: 'd', ...form, methodOptions: { targetRank: 2 } }) })).toMatchObject({
    trainable: whole.trainable,
    layers: Object.keys(ranks).length,
  })
}) // prettier-ignore

test('what it cannot do is told before a run begins', () => {
  const told = (more: object, continueFrom?: string) =>
    trainingProblems({ ...trainRequest.parse({ dataset: 'd', method: 'adalora', ...more }), continueFrom }).map(({ code }) => code)
  expect(told({})).toEqual([])
  expect(told({ rank: 4 })).toEqual(['adalora-rank'])
  expect(told({ methodOptions: { tinit: 600, tfinal: 400 } })).toEqual(['adalora-steps'])
  expect(told({ variant: 'dora' })).toEqual(['adalora-variant'])
  expect(told({ members: 2 })).toEqual(['members-variant'])
  expect(told({}, 'run')).toEqual(['continue-method'])
  expect(told({ methodOptions: { sensitivityShare: 1 } })).toContain('method-option-invalid')
})
