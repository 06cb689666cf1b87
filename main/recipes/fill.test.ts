import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { doneHere } from '../cli/done-here.ts'
import { runCli } from '../cli/run.ts'
import { train } from '../commands/train.ts'

const folder = await mkdtemp(join(tmpdir(), 'pigment-recipe-'))
const recipe = join(folder, 'style.toml')
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What a command line asks of the engine, and what is told on the way. */
async function asked(text: string, ...words: readonly string[]) {
  await writeFile(recipe, text)
  let given: Record<string, unknown> = {}
  const told: string[] = []
  const command = doneHere(train)
  await runCli(['train', recipe, ...words], {
    commands: [{ ...command, name: 'train', summary: '', run: async (_context, input) => void (given = input) }],
    version: '0',
    terminal: { out: (line) => void told.push(line), err: (line) => void told.push(line), isTerminal: false, columns: 80 },
    signal: new AbortController().signal,
  })
  return { given, told: told.join('') }
}

test('a recipe says what the flags leave open, its paths from its own folder; a flag that says otherwise wins, and that is told', async () => {
  const text = 'dataset = "pictures"\nout = "style.safetensors"\n[network]\nrank = 4\nalpha = 4\n[pictures]\nflip = true'
  const { given, told } = await asked(text, '--rank', '8', '--alpha', '4')
  expect(given).toMatchObject({
    ...{ dataset: join(folder, 'pictures'), out: join(folder, 'style.safetensors'), rank: 8, alpha: 4, flip: true },
    badPictures: 'refuse',
  })
  expect(told).toBe('In place of what style.toml says: --rank 8 (there 4).\n')
})

test('options of a choice come with it, one by one; where the line chooses another they are left behind', async () => {
  const text = 'dataset = "a"\nout = "b.safetensors"\n[course]\noptimizer = "adamw"\n[course.optimizer-options]\nbeta1 = 0.8\nbeta2 = 0.9'
  const { given } = await asked(text, '--optimizer-option', 'beta2=0.95')
  expect(given.optimizerOption).toEqual([
    ['beta1', 0.8],
    ['beta2', 0.9],
    ['beta2', 0.95],
  ])
  expect((await asked(text, '--optimizer', 'lion')).given).toMatchObject({ optimizer: 'lion', optimizerOption: undefined })
})

test('what is wrong with it is told before anything is read of the pictures', async () => {
  expect((await asked('dataset = "a"\n[network]\nrnak = 4')).told).toBe(
    'Error (recipe-key-unknown): "style.toml", line 3, column 1: there is no "rnak". Did you mean "rank"?\n',
  )
  expect((await asked('[network]\nrank = 4')).told).toContain('--dataset DIR is missing.')
  expect((await asked('network_module = "networks.lora"')).told).toContain(
    'Error (recipe-foreign): "style.toml" holds the settings of sd-scripts.',
  )
})
