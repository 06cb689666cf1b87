// The grid of a terminal: its cells are the pictures that their own settings give, and the sheet says what varies.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { parseInfotext } from '../../engine/images/infotext.ts'
import { doneHere } from '../cli/done-here.ts'
import { generate as generateCommand } from '../commands/generate.ts'
import { grid as gridCommand } from '../commands/grid.ts'
import { fakeContext, never, workFolder, writeTinyModel } from './testing.ts'

const [generate, grid] = [doneHere(generateCommand), doneHere(gridCommand)]
const folder = await workFolder()
beforeAll(async () => {
  await writeTinyModel(folder.at('one'), 'sd1')
  await writeTinyModel(folder.at('two'), 'sd1')
})
afterAll(folder.remove)

const asked = { model: folder.at('one'), prompt: 'ab', steps: 1, width: 32, height: 32 }
const said = async (file: string) =>
  parseInfotext(readPngText(await readFile(file), file).find(({ keyword }) => keyword === 'parameters')?.text ?? '')

test('each cell is the picture of its own settings, whatever model it asks for', async () => {
  const out = folder.at('sheet.png')
  const models = `${folder.at('one')}, ${folder.at('two')}`
  const given = grid.input.parse({ ...asked, x: `Model=${models}`, y: 'seed=3-4', z: 'Prompt S/R=b, c', out })
  const { cells } = await grid.run(fakeContext(), given, never)
  expect(cells).toHaveLength(8)
  // The fourth: the second model, the second seed.
  const alone = folder.at('alone.png')
  await generate.run(fakeContext(), generate.input.parse({ ...asked, model: folder.at('two'), seed: 4, out: alone }), never)
  expect((await readFile(cells[3] ?? '')).equals(await readFile(alone))).toBe(true)
  expect((await said(cells[4] ?? '')).prompt).toBe('ac')
  const { settings } = await said(out)
  expect([settings.get('Script'), settings.get('Y Type'), settings.get('Y Values')]).toEqual(['X/Y/Z plot', 'Seed', '3, 4'])
})

test('an axis that does not fit is told before a model is opened', async () => {
  const run = (x: string) =>
    grid.run(fakeContext(), grid.input.parse({ ...asked, model: folder.at('gone'), x, out: folder.at('never.png') }), never)
  await expect(run('Steps=4, none')).rejects.toThrow('Value 2 of the axis "Steps" is "none"')
  await expect(run('Colour=red')).rejects.toMatchObject({ code: 'grid-axis-unknown' })
})

test('choices, wildcards and styles are those of the picture alone, by the seed of each cell', async () => {
  vi.stubEnv('PIGMENT_HOME', folder.at('home'))
  await mkdir(folder.at('home/wildcards'), { recursive: true })
  await writeFile(folder.at('home/wildcards/letter.txt'), 'a\nb\nc\nd\ne\nf\n')
  await writeFile(folder.at('home/styles.csv'), 'name,prompt,negative_prompt\nwet,"{prompt} {p|q|r}",dry\n')
  const words = { ...asked, prompt: '__letter__ {x|y|z}', style: ['wet'] }
  const { cells } = await grid.run(fakeContext(), grid.input.parse({ ...words, x: 'Seed=1-3', out: folder.at('drawn.png') }), never)
  const drawn = await Promise.all(cells.map(said))
  expect(new Set(drawn.map(({ prompt }) => prompt)).size).toBeGreaterThan(1)
  expect(drawn.map(({ negativePrompt, settings }) => [negativePrompt, settings.get('Template')])[0]).toEqual([
    'dry',
    '__letter__ {x|y|z} {p|q|r}',
  ])
  const out = folder.at('drawn-alone.png')
  await generate.run(fakeContext(), generate.input.parse({ ...words, seed: 3, out }), never)
  expect((await readFile(cells[2] ?? '')).equals(await readFile(out))).toBe(true)
})

test('a cell that cannot be drawn is told before another is drawn', async () => {
  const run = (x: string) => grid.run(fakeContext(), grid.input.parse({ ...asked, x, out: folder.at('half.png') }), never)
  await expect(run('Size=32x32, 33x32')).rejects.toMatchObject({ code: 'size-invalid' })
  await expect(run('VAE=none, gone.safetensors')).rejects.toMatchObject({ code: 'file-not-found' })
  await expect(run('Prompt S/R=ab, <lora:gone:1>')).rejects.toMatchObject({ code: 'adapter-unknown' })
  expect((await readdir(folder.at('.'))).filter((name) => name.startsWith('half'))).toEqual([])
})
