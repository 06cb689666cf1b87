// What a terminal's run tells that a studio's forecast would: cautions at the start, samples on a sheet, and what cannot be before anything loads.
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { train as command } from '../commands/train.ts'
import { readRecipe } from '../recipes/read-recipe.ts'
import { recipeFields } from '../recipes/fields.ts'
import { writeRecipe } from '../recipes/write-recipe.ts'
import type { Caller } from '../processes/caller.ts'
import type { EngineOperations } from './engine/index.ts'
import { train } from './engine/train.ts'
import { samplePlanOf } from './sample-plan.ts'
import { fakeContext, never, workFolder, writeDataset, writeTinyModel } from './testing.ts'

const folder = await workFolder()
beforeAll(async () => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('pictures'), ['a', 'b'])
})
afterAll(folder.remove)

/** As the command sends it. */
async function asked(more: object): Promise<Parameters<typeof train>[0]> {
  const usual = {
    model: folder.at('tiny'),
    dataset: folder.at('pictures'),
    out: folder.at('style.safetensors'),
    rank: 2,
    steps: 4,
    resolution: 32,
  }
  let task: unknown
  const caller = { call: async (_: string, given: object) => void (task = given) } as unknown as Caller<EngineOperations>
  const given = command.input.parse({ ...usual, ...more })
  await command.run(caller, { ...given, ...folder.machinery } as never, { signal: never, onEvent: () => undefined })
  return { ...(task as Parameters<typeof train>[0]), preset: undefined }
}

test('cautions are told once, where a run begins; samples of the fixed prompts are drawn, and stand on a sheet', async () => {
  const samples = folder.at('style.samples')
  await mkdir(samples, { recursive: true })
  for (const name of ['0000900-0.png', 'mine.png']) await writeFile(folder.at('style.samples', name), 'of an earlier run')
  const context = fakeContext()
  const done = await train(
    await asked({ steps: 2, samplePrompt: ['a [trigger] cat'], sampleEvery: 2, sampleSteps: 1, trigger: 'moss' }),
    context,
  )
  const warned = context.records.flatMap((one) => (one.type === 'warning' ? one.code : []))
  expect(warned.filter((code) => code === 'set-few-pictures')).toHaveLength(1)
  expect((await readdir(samples)).toSorted()).toEqual(['0000000-0.png', '0000002-0.png', 'mine.png'])
  expect(done).toMatchObject({ samples, proofSheet: folder.at('style.proof.png') })
  const sheet = JSON.parse(await readFile(folder.at('style.proof.json'), 'utf8')) as { rows: { step: number }[]; prompts: unknown }
  expect(sheet.rows.map(({ step }) => step)).toEqual([0, 2])
  expect(sheet.prompts).toEqual([{ prompt: 'a [trigger] cat', seed: 0 }])
  expect(existsSync(folder.at('style.proof.png'))).toBe(true)
})

test('unless it is said, samples are as the model is drawn with, six of a run; a recipe carries them', async () => {
  const task = { ...(await asked({ samplePrompt: ['x'] })), steps: 600 }
  expect(await samplePlanOf(task)).toMatchObject({ prompts: ['x'], every: 100, seed: 0, steps: 12 })
  expect(await samplePlanOf({ ...task, minutes: 5 })).toMatchObject({ every: 50 })
  expect(await samplePlanOf({ ...task, samplePrompt: undefined })).toBeUndefined()
  const values = { samplePrompt: ['a "hill"', 'b'], sampleEvery: 7 }
  expect(readRecipe(writeRecipe(recipeFields, values), recipeFields, 'r')).toEqual(values)
})

test('samples that have no prompt are refused before anything loads', async () => {
  await expect(asked({ sampleEvery: 5 })).rejects.toMatchObject({ code: 'sample-prompt-missing' })
})
