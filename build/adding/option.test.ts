// An option is one line in its schema: written there, it is in the help, in the form, among the axes of a grid, in the settings line of a picture
// and read from one, and in the forecast. Nothing else may know its key.
import { afterAll, expect, test } from 'vitest'
import { programWith } from './testing-program.ts'

const program = await programWith(
  {},
  {
    'engine/requests/generate.ts': (text) =>
      text.replace(
        /^ {2}emphasis: emphasis/m,
        `  vigour: z.number().min(0).max(2).default(0.5).meta({ description: 'how boldly it draws', placeholder: 'X', group: 'picture', step: 0.5 }),
  finish: z.enum(['matt', 'gloss']).default('matt').meta({ description: 'its surface', group: 'picture', written: 'Surface', axis: { sign: 'Coat' } }),
$&`,
      ),
    'engine/requests/train.ts': (text) =>
      text.replace(
        /^ {2}recompute: z/m,
        `  tenacity: z.int().min(1).max(9).default(3).meta({ description: 'how long it waits', group: 'course', load: true }),\n$&`,
      ),
  },
)
afterAll(() => program[Symbol.dispose]())

const { trainingFields, pictureFields } =
  await program.load<typeof import('../../main/studio/training-fields.ts')>('main/studio/training-fields.ts')
const { generateForm, gridAxis } = await program.load<typeof import('../../main/api/methods/generate.ts')>('main/api/methods/generate.ts')
const { generateRequest } = await program.load<typeof import('../../engine/requests/generate.ts')>('engine/requests/generate.ts')

test('it is a flag with its words, bounds and default', async () => {
  expect((await program.pigment('train', '--help')).text).toContain('--tenacity <N> how long it waits (default: 3)')
  const { text } = await program.pigment('generate', '--help')
  expect(text).toContain('--vigour <X> how boldly it draws (default: 0.5)')
  expect(text).toContain('--finish <NAME> its surface (one of matt, gloss) (default: matt)')
  expect(await program.pigment('generate', '--prompt', 'x', '--out', 'never.png', '--vigour', '3')).toMatchObject({ code: 2 })
})

test('it is a field of its form', () => {
  expect(trainingFields.find(({ key }) => key === 'tenacity')).toMatchObject({
    kind: 'integer',
    min: 1,
    max: 9,
    default: 3,
    group: 'course',
  })
  expect(pictureFields.find(({ key }) => key === 'vigour')).toMatchObject({ kind: 'number', group: 'picture', step: 0.5 })
})

test('the screen begins with its default, remembers it and asks for it', async () => {
  const { freshForm, rememberedForm, requestFrom } =
    await program.load<typeof import('../../renderer/state/drawing-form.ts')>('renderer/state/drawing-form.ts')
  expect(freshForm()).toMatchObject({ vigour: 0.5, finish: 'matt' })
  expect(rememberedForm(JSON.stringify({ vigour: 2, finish: 'wet' }), freshForm())).toEqual({ vigour: 2 })
  const known = { adapters: new Set<string>(), models: new Set<string>() }
  expect(requestFrom({ ...freshForm(), ...({ finish: 'gloss' } as object) }, known)).toMatchObject({ vigour: 0.5, finish: 'gloss' })
})

test('it makes an axis of a grid', async () => {
  const { gridCells } = await program.load<typeof import('../../main/jobs/grid.ts')>('main/jobs/grid.ts')
  const [x, y] = [gridAxis.parse({ kind: 'vigour', values: [0, 1] }), gridAxis.parse({ kind: 'finish', values: ['gloss'] })]
  expect(gridAxis.safeParse({ kind: 'vigour', values: [3] }).success).toBe(false)
  const parts = { library: { embeddings: () => [] }, world: {}, source: {} } as never
  const { columns, rows, cells } = await gridCells(generateForm.parse({ prompt: 'a fox' }), { x, y }, parts)
  expect([columns, rows]).toEqual([['Vigour 0', 'Vigour 1'], ['Coat gloss']])
  expect(cells.map(({ task }) => task.request)).toMatchObject([
    { vigour: 0, finish: 'gloss' },
    { vigour: 1, finish: 'gloss' },
  ])
})

test('a picture says it where it is not usual, and is recalled by it', async () => {
  const { fieldsWritten } = await program.load<typeof import('../../engine/requests/settings-line.ts')>('engine/requests/settings-line.ts')
  const { recalledForm } = await program.load<typeof import('../../main/studio/recall.ts')>('main/studio/recall.ts')
  const written = (more: object) => fieldsWritten(generateRequest.parse({ prompt: '', steps: 2, ...more }), false)
  expect(written({})).toEqual(written({ vigour: 0.5 }))
  const settings = written({ vigour: 1.5, finish: 'gloss' })
  expect(settings.slice(-2)).toEqual([
    ['Vigour', '1.5'],
    ['Surface', 'gloss'],
  ])
  const recall = (line: readonly (readonly [string, string])[]) =>
    recalledForm(
      { program: 'Pigment', prompt: '', negative: '', settings: line, loras: [], text: '', form: null },
      { embeddings: () => [] } as never,
      [],
    )
  expect(recall(settings)).toMatchObject({ form: { vigour: 1.5, finish: 'gloss', steps: 2 }, missing: [] })
  expect(recall([['Surface', 'wet']])).toMatchObject({ form: { finish: 'matt' }, missing: [{ kind: 'setting', name: 'Surface wet' }] })
})

test('the forecast tells the time of a run that has it alike', async () => {
  const { forecastOf } = await program.load<typeof import('../../main/studio/forecast.ts')>('main/studio/forecast.ts')
  const { trainingForm } = await program.load<typeof import('../../main/api/methods/training.ts')>('main/api/methods/training.ts')
  const form = (more: object) => trainingForm.parse({ name: 'x', dataset: 'd', ...more })
  const earlier = [{ step: 50, seconds: 25, work: { kind: 'train', form: form({ tenacity: 2 }) } }]
  const known = (more: object): boolean => {
    const facts = { side: 64, unetParameters: 5_000_000 }
    const machine = { memory: { bytes: 1 }, freeMemoryBytes: 64e9, freeDiskBytes: 64e9 }
    const input = { form: form(more), found: [], broken: new Map(), unwise: [], facts, sizes: { sum: 1, layers: 1 }, earlier, ...machine }
    return forecastOf(input as never).secondsKnown
  }
  expect([known({ tenacity: 2 }), known({})]).toEqual([true, false])
})
