// Runs that hold on to what the model could do: they go on bit for bit, and without weight they are as they would be without.
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { train } from '../commands/train.ts'
import { fromPairs } from './option-pairs.ts'
import { fakeContext, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
beforeAll(async () => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('pictures'), ['a', 'b'])
  await writeDataset(folder.at('class', '1_dog'), ['c', 'd', 'e'], ['d'])
})
afterAll(folder.remove)

const usual = { model: 'tiny', rank: 2, alpha: 1, steps: 3, lr: 1e-2, resolution: 64, batch: 2, trigger: 'sks', title: 'x' }

const givenOf = (name: string, more: object) => {
  const out = folder.at(`${name}.safetensors`)
  const input = train.input.parse({ ...usual, dataset: folder.at('pictures'), out, ...more, model: folder.at('tiny') })
  return { ...fromPairs(input), ...folder.machinery, checkpointEvery: 1 } as const
}

/** Runs until a step, and gives what its steps told. */
async function stopped(name: string, more: object, stop = 1) {
  const [interrupt, context] = [new AbortController(), fakeContext()]
  const afterStep = async (_: unknown, step: number) => void (step >= stop && interrupt.abort())
  const run = trainAdapter(givenOf(name, more), { ...context, signal: interrupt.signal }, { afterStep })
  if (stop === Infinity) await run
  else await expect(run).rejects.toMatchObject({ code: 'cancelled' })
  return context.records.flatMap(({ type, others }) => (type === 'step' ? [(others ?? {}) as Readonly<Record<string, number>>] : []))
}

async function trained(name: string, more: object, stops: readonly number[] = []) {
  const told: Readonly<Record<string, number>>[] = []
  for (const stop of [...stops, Infinity]) told.push(...(await stopped(name, more, stop)))
  return { file: await readFile(folder.at(`${name}.safetensors`)), told }
}

const byOutput = { preservation: 'output', preservationOption: ['classWord=dog', 'preserveShare=0.5'] }

test('runs that preserve go on bit for bit, and tell how far the network has moved', async () => {
  const [plain, whole] = [await trained('plain', {}), await trained('whole', byOutput)]
  const parted = await trained('parted', byOutput, [1, 2])
  expect(parted.file.equals(whole.file)).toBe(true)
  expect(parted.told).toEqual(whole.told)
  // An adapter begins as nothing; products over other numbers of rows round differently.
  expect(whole.told[0]?.preserved).toBeLessThan(1e-9)
  expect(whole.told.at(-1)?.preserved).toBeGreaterThan(1e-8)
  expect(whole.file.equals(plain.file)).toBe(false)
  const off = await trained('off', { preservation: 'output', preservationOption: ['preserve=0'] })
  expect(off.file.subarray(-2000).equals(plain.file.subarray(-2000))).toBe(true)
})

test('pictures of the class are seen among the others, and those of another run are told', async () => {
  const classPictures = folder.at('class')
  const whole = await trained('class whole', { classPictures })
  expect((await trained('class parted', { classPictures }, [2])).file.equals(whole.file)).toBe(true)
  expect(whole.file.toString('latin1')).toContain('"ss_prior_loss_weight":"1"')
  const off = await trained('class off', { classPictures, preservationOption: ['priorWeight=0'] })
  expect(off.file.subarray(-2000).equals((await trained('class none', {})).file.subarray(-2000))).toBe(true)
  expect(off.file.subarray(-2000).equals(whole.file.subarray(-2000))).toBe(false)
})

test('a set that changed since a run was stopped is told picture by picture, and mended it goes on with the same bits', async () => {
  const [set, more] = [folder.at('changing'), { dataset: folder.at('changing') }]
  await writeDataset(set, ['a', 'b', 'c'])
  const whole = await trained('unchanged', more)
  const [caption, picture] = [join(set, 'a.txt'), join(set, 'b.png')]
  const before = await readFile(caption)
  // Stopped after its first step.
  await stopped('changed', more)
  await writeFile(caption, 'a, otherwise')
  await rename(picture, folder.at('b.png'))
  await writeFile(join(set, 'd.png'), await readFile(join(set, 'c.png')))
  await writeFile(join(set, 'd.txt'), 'd')
  await expect(trained('changed', more)).rejects.toMatchObject({
    code: 'resume-mismatch',
    facts: {
      step: 1,
      which: [{ message: 'the caption of "a.png"' }, { message: 'the picture "b.png" is gone' }, { message: 'the picture "d.png" is new' }],
    },
  })
  await writeFile(caption, before)
  await rename(folder.at('b.png'), picture)
  for (const ending of ['png', 'txt']) await rm(join(set, `d.${ending}`))
  expect((await trained('changed', more)).file.equals(whole.file)).toBe(true)
})
