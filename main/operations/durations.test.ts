// How long a run goes on: epochs become steps before anything is loaded, and a clock ends a run at a step that could as well have been asked for.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { trainRequest } from '../../engine/requests/train.ts'
import { trainingRules } from '../../engine/training-rules.ts'
import { train as command } from '../commands/train.ts'
import { recipeFields } from '../recipes/fields.ts'
import { filledByRecipe } from '../recipes/fill.ts'
import { readRecipe } from '../recipes/read-recipe.ts'
import type { Caller } from '../processes/caller.ts'
import type { EngineOperations } from './engine/index.ts'
import { train } from './engine/train.ts'
import { trainingFields } from '../studio/training-fields.ts'
import { presetted } from './presetted.ts'
import { fakeContext, never, weightsIn, workFolder, writeDataset, writeTinyModel } from './testing.ts'
import { trainAdapter } from './train.ts'

const folder = await workFolder()
beforeAll(async () => {
  await writeTinyModel(folder.at('tiny'), 'sd1')
  await writeDataset(folder.at('first'), ['a', 'b', 'c'])
  await writeDataset(folder.at('second', '2_cats'), ['d', 'e'])
})
afterAll(folder.remove)

type Given = Parameters<typeof train>[0]
const givenOf = (name: string, more: object): Given => {
  const usual = {
    model: folder.at('tiny'),
    dataset: folder.at('first'),
    rank: 2,
    alpha: 1,
    lr: 1e-2,
    resolution: 32,
    title: 'x',
    warmup: 0,
  }
  const out = folder.at(`${name}.safetensors`)
  return { ...command.input.parse({ ...usual, ...more, out }), ...folder.machinery } as unknown as Given
}
async function run(name: string, more: object, training: typeof trainAdapter | typeof train = train) {
  const context = fakeContext()
  const { steps } = await training(givenOf(name, more), context)
  const file = folder.at(`${name}.safetensors`)
  return {
    steps,
    bytes: await readFile(file),
    metadata: Object.fromEntries((await openSafetensors(file)).metadata),
    records: context.records,
  }
}

test('epochs: every picture of every set as often as it repeats, in micro-batches of one size, whatever the weights of the sets', async () => {
  // Sizes of 32 and of 64 never meet: 3 pictures of the one, and 2 × 2 × 3 shows of the other; two at a time, and three of these a step.
  const sets = [{ folder: folder.at('second'), resolution: 64, repeats: 3, weight: 0.1 }]
  const stepsOf = async (more: object): Promise<number> =>
    (await presetted(givenOf('sets', { sets, batch: 2, accumulation: 3, ...more }))).steps
  expect(await stepsOf({ epochs: 3 })).toBe(3 * Math.ceil((Math.ceil(3 / 2) + Math.ceil(12 / 2)) / 3))
  // One of the second set is measured and not trained on.
  expect(await stepsOf({ epochs: 3, heldOutCount: 1 })).toBe(3 * Math.ceil((Math.ceil(3 / 2) + Math.ceil(6 / 2)) / 3))
  // Of the class there are as many shows as of the sets.
  const classPictures = folder.at('first')
  expect(await stepsOf({ epochs: 1, sets: undefined, accumulation: 1, batch: 1, classPictures })).toBe(6)
})

test('a run of epochs is the run of as many steps, to the byte; its file says both', async () => {
  // Whether its operation sees to that or the engine itself.
  const [byEpochs, bySteps] = [await run('epochs', { epochs: 2, batch: 2 }, trainAdapter), await run('steps', { steps: 4, batch: 2 })]
  expect([byEpochs.steps, bySteps.steps]).toEqual([4, 4])
  expect(byEpochs.bytes.equals(bySteps.bytes)).toBe(true)
  expect(byEpochs.metadata).toMatchObject({ ss_num_epochs: '2', ss_epoch: '2', ss_steps: '4', ss_max_train_steps: '4' })
  expect(byEpochs.records.find(({ type }) => type === 'start')).toMatchObject({ steps: 4 })
})

test('what follows from the steps follows from those of the epochs', async () => {
  const all = await presetted({ ...givenOf('preset', { epochs: 2, warmup: undefined }), preset: 'balanced' })
  const preset = await presetted({ ...givenOf('preset', { steps: all.steps, warmup: undefined }), preset: 'balanced' })
  expect(all).toEqual({ ...preset, epochs: undefined })
  expect(all.warmup).toBeLessThan(all.steps)
})

test('a run that a clock ends is the run of as many steps at a rate that does not fall, and its recipe says the minutes', async () => {
  const byClock = await run('minutes', { minutes: 0.0005 })
  const bySteps = await run('as-many', { steps: byClock.steps, course: 'constant' })
  expect(weightsIn(byClock.bytes).equals(weightsIn(bySteps.bytes))).toBe(true)
  expect(byClock.metadata).toMatchObject({ ss_steps: String(byClock.steps), ss_max_train_steps: String(byClock.steps) })
  const said = readRecipe(byClock.metadata['pigment.recipe'] ?? '', recipeFields, 'r')
  expect([said.minutes, said.steps, said.course]).toEqual([0.0005, undefined, 'constant'])
})

test('what does not go together is refused before anything loads', async () => {
  const nobody = { call: () => Promise.reject(new Error('asked')) } as unknown as Caller<EngineOperations>
  const asked = async (more: object): Promise<unknown> =>
    command
      .run(nobody, givenOf('refused', more) as never, { signal: never, onEvent: () => undefined })
      .catch((error: unknown) => (error as { code?: string }).code)
  expect(await asked({ steps: 10, epochs: 2 })).toBe('duration-twice')
  expect(await asked({ epochs: 2, minutes: 2 })).toBe('duration-twice')
  const told = (more: object): (string | undefined)[] =>
    trainingRules.flatMap((rule) => {
      try {
        rule(trainRequest.parse({ dataset: 'd', ...more }))
        return []
      } catch (error) {
        return (error as { code?: string }).code
      }
    })
  expect(told({ minutes: 5 })).toEqual(['course-length'])
  expect(told({ minutes: 5, course: 'inverse-sqrt' })).toEqual([])
  expect(told({ minutes: 5, course: 'constant', method: 'adalora' })).toEqual(['method-length'])
  const courses = trainingFields.find(({ key }) => key === 'course')?.cards ?? []
  expect(courses.flatMap(({ name, endless }) => (endless ? name : []))).toEqual(['constant', 'inverse-sqrt'])
  // How many steps epochs are is not known yet.
  const waits = { method: 'adalora', methodOptions: { tinit: 1000, tfinal: 1000 } }
  expect([told({ ...waits, epochs: 100 }), told({ ...waits, steps: 100 })]).toEqual([[], ['adalora-steps']])
  await expect(train(givenOf('held', { epochs: 1, heldOutCount: 9 }), fakeContext())).rejects.toMatchObject({ code: 'held-out-too-many' })
})

test('the line wins over a recipe, also where that says how long in another way', async () => {
  const file = folder.at('r.toml')
  await writeFileAtomic(file, new TextEncoder().encode('recipe = 1\nsteps = 700\nrank = 3\n'))
  const filled = (given: object) => filledByRecipe(file, recipeFields, { ...given }, () => undefined)
  expect(await filled({ epochs: 2 })).toEqual({ epochs: 2, rank: 3 })
  expect(await filled({ steps: 2 })).toEqual({ steps: 2, rank: 3 })
  expect(await filled({})).toEqual({ steps: 700, rank: 3 })
})
