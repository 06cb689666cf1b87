// The grid of a terminal: its cells are the pictures that their own settings give, and the sheet says what varies.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
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
