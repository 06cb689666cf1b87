// A recipe by terminal and screen: one adapter, to the byte; and out of what was trained again.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { parse } from 'smol-toml'
import { beforeAll, expect, test } from 'vitest'
import { doneHere } from '../cli/done-here.ts'
import { runCli } from '../cli/run.ts'
import { writeDataset, writeTinyModel } from '../operations/testing.ts'
import { useHost } from '../studio/testing.ts'
import { recipe as recipeCommand } from './recipe.ts'
import { train as trainCommand } from './train.ts'

const studio = useHost('recipe')
const { api, at } = studio
let [model, dataset] = ['', '']

beforeAll(async () => {
  await api.settings.set({ device: 'cpu', threads: 1 })
  await writeTinyModel(at('tiny'), 'sd1')
  model = (await api.models.add({ path: at('tiny') })).id
  await writeDataset(at('private', 'ink'), ['a', 'b'])
  dataset = (await api.datasets.create({ name: 'ink', from: { path: at('private', 'ink') }, mode: 'reference' })).id
}, 120_000)

/** A command line in this process, and its result. */
async function pigment(...words: readonly string[]): Promise<Record<string, unknown>> {
  let [out, err] = ['', '']
  const commands = Object.entries({ train: trainCommand, recipe: recipeCommand }).map(([name, command]) => ({
    ...doneHere(command as typeof trainCommand),
    name,
    summary: '',
  }))
  const code = await runCli([...words, '--json', '--device', 'cpu', '--threads', '1'], {
    ...{ commands, version: '0', signal: new AbortController().signal },
    terminal: { out: (text) => void (out += text), err: (text) => void (err += text), isTerminal: false, columns: 80 },
  })
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; result?: Record<string, unknown> })
  expect([code, err]).toEqual([0, ''])
  return lines.find(({ type }) => type === 'result')?.result ?? {}
}

test('the same recipe by screen and by terminal is the same adapter, to the byte, and is found in it', async () => {
  const form = { name: 'ink', dataset, model, steps: 2, rank: 2, alpha: 2, lr: 1e-3, resolution: 64, trigger: 'inky', checkpointEvery: 1 }
  const written = await api.recipe.write({ form: { ...form, optimizerOptions: { beta1: 0.8 } } })
  expect(written.name).toBe('ink.toml')
  await writeFile(at('ink.toml'), written.text)

  // In by the screen: the form is that of the file.
  const read = await api.recipe.read({ path: at('ink.toml') })
  expect(read.missing).toEqual([])
  expect(read.form).toMatchObject({ ...form, title: 'ink', optimizerOptions: { beta1: 0.8 } })
  const { id } = await api.training.start({ ...read.form, name: 'ink', dataset })
  await pigment('train', at('ink.toml'), '--out', at('ink.safetensors'))
  await expect.poll(async () => (await api.jobs.get({ job: id })).state, { timeout: 120_000, interval: 50 }).toBe('done')

  const [card] = await api.library.list({ text: 'name:ink' })
  const kept = (await readdir(at('home'), { recursive: true })).find((name) => name.endsWith('ink.safetensors')) ?? ''
  const bytes = await readFile(at('home', kept))
  expect(bytes.equals(await readFile(at('ink.safetensors')))).toBe(true)
  expect(bytes.includes('private')).toBe(false)

  // Out again, of the run and of the adapter.
  expect((await api.recipe.write({ run: id })).text).toBe(written.text)
  const again = await api.recipe.read({ adapter: card?.id ?? '' })
  const { checkpointEvery: _machine, ...learnt } = form
  expect(again.form).toMatchObject({ ...learnt, optimizerOptions: { beta1: 0.8 } })
  const { recipe, toBeGiven } = await pigment('recipe', at('ink.safetensors'), '--rank', '4', '--write', at('again.toml'))
  expect(recipe).toBe(at('again.toml'))
  expect(toBeGiven).toEqual([
    { flag: '--model', was: 'tiny' },
    { flag: '--dataset', was: 'ink' },
  ])
  expect(parse(await readFile(at('again.toml'), 'utf8'))).toMatchObject({
    recipe: 1,
    network: { rank: 4, alpha: 2 },
    captions: { trigger: 'inky' },
  })
}, 240_000)

test('flags alone are a recipe that leaves the rest open; what is below its folder is told from there', async () => {
  await pigment(
    'recipe',
    '--rank',
    '8',
    '--dataset',
    at('private', 'ink'),
    '--model',
    '/models/m.safetensors',
    '--optimizer-option',
    'beta2=0.99',
    '--write',
    at('mine.toml'),
  )
  const text = await readFile(at('mine.toml'), 'utf8')
  expect(text).toMatch(/^# alpha = 16$/m)
  expect(parse(text)).toMatchObject({
    dataset: 'private/ink',
    model: '/models/m.safetensors',
    network: { rank: 8 },
    course: { 'optimizer-options': { beta2: 0.99 } },
  })
})

test('settings of another program: what is not here is told, what is named and not here is asked for', async () => {
  await writeFile(
    at('theirs.sh'),
    'accelerate launch train_network.py --train_data_dir=/far/ink --pretrained_model_name_or_path=/far/other.safetensors --network_dim=8 --frobnicate=1',
  )
  const { form, report, missing } = await api.recipe.read({ path: at('theirs.sh') })
  expect(form).toMatchObject({ dataset, rank: 8, alpha: 1, lr: 2e-6 })
  expect(report?.unknown).toEqual([{ theirs: 'frobnicate', was: '1' }])
  expect(missing).toEqual([{ kind: 'model', name: 'other.safetensors' }])
  const shown = await pigment('recipe', at('theirs.sh'))
  expect(shown).toMatchObject({ program: 'sd-scripts', recipe: expect.arrayContaining(['rank = 8', 'alpha = 1']) as unknown })
})

test('further sets are those of the studio by their folders, in and out', async () => {
  const sets = `[[sets]]\nfolder = "${at('private', 'ink')}"\nrepeats = 3\n\n[[sets]]\nfolder = "gone"\n`
  await writeFile(at('sets.toml'), `recipe = 1\ndataset = "private/ink"\n${sets}`)
  const { form, missing } = await api.recipe.read({ path: at('sets.toml') })
  expect([form.dataset, form.sets?.map(({ folder, repeats }) => [folder, repeats]), missing]).toEqual([
    dataset,
    [[dataset, 3]],
    [{ kind: 'dataset', name: 'gone' }],
  ])
  const { text } = await api.recipe.write({ form: { ...form, name: 'ink', dataset } })
  expect(parse(text)).toMatchObject({ sets: [{ folder: at('private', 'ink'), repeats: 3 }] })
})
