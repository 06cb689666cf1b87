// A set of pictures in the studio: dropped, its captions edited at once and one by one, changed from outside, unplugged.
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { assetPath } from '../../main/commands/asset-path.ts'
import { browserMissing, dropFiles, openStudio, type Studio } from './testing-studio.ts'

const missing = browserMissing()
let studio: Studio
let source: string
let folder: string
beforeAll(async () => {
  if (missing) return
  const root = await mkdtemp(join(tmpdir(), 'pigment-pictures-'))
  source = join(root, 'thirty')
  await mkdir(source)
  const from = assetPath('samples/black-ink')
  const names = (await readdir(from)).filter((name) => name.endsWith('.png')).slice(0, 30)
  for (const name of names) for (const file of [name, name.replace('.png', '.txt')]) await cp(join(from, file), join(source, file))
  studio = await openStudio()
}, 180_000)
afterAll(async () => {
  await studio?.close()
  if (source) await rm(join(source, '..'), { recursive: true, force: true })
})
beforeEach((context) => {
  if (missing) context.skip(missing)
})

const caption = async (name: string): Promise<string> => (await readFile(join(folder, `${name}.txt`), 'utf8')).trim()
/** An edit must be on disk within a second; a loaded machine may take longer to get to it. */
const soon = { timeout: 10_000, interval: 50 }

test('thirty dropped pictures become a set of ordinary files', { timeout: 120_000 }, async () => {
  const { page, home } = studio
  await page.getByRole('link', { name: 'Pictures' }).click()
  await dropFiles(page, [source])
  await page.getByText('30 of 30 captioned').waitFor({ timeout: 60_000 })
  const sets = await readdir(join(home, 'datasets'))
  expect(sets).toEqual(['thirty'])
  folder = join(home, 'datasets', 'thirty')
  expect((await readdir(folder)).filter((name) => name.endsWith('.txt'))).toHaveLength(30)
  expect(await caption('airplane')).toBe('blackink style emoji of airplane, travel, plane')
})

test(
  'find and replace, plain and by expression, shows what it will do, and undo brings every file back',
  { timeout: 120_000 },
  async () => {
    const { page } = studio
    const replace = async (find: string, by: string, regex: boolean): Promise<void> => {
      await page.getByRole('button', { name: 'Edit captions …' }).first().click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('radio', { name: 'Find and replace' }).check()
      await dialog.getByLabel('Find', { exact: true }).fill(find)
      await dialog.getByLabel('Replace with').fill(by)
      if (regex) await dialog.getByLabel('Regular expression').check()
      await dialog.getByText('30 captions change').waitFor()
      await dialog.getByRole('button', { name: 'Apply' }).click()
      await dialog.waitFor({ state: 'hidden' })
    }
    await replace('emoji of', 'drawing of', false)
    await expect.poll(() => caption('airplane'), soon).toBe('blackink style drawing of airplane, travel, plane')
    await replace('^blackink style (\\w+) of (\\w+)', '$2: $1', true)
    await expect.poll(() => caption('airplane'), soon).toBe('airplane: drawing, travel, plane')
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => caption('airplane'), soon).toBe('blackink style drawing of airplane, travel, plane')
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => caption('airplane'), soon).toBe('blackink style emoji of airplane, travel, plane')
    await page.getByRole('button', { name: 'Redo' }).click()
    await expect.poll(() => caption('airplane'), soon).toBe('blackink style drawing of airplane, travel, plane')
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(() => caption('airplane'), soon).toBe('blackink style emoji of airplane, travel, plane')
  },
)

test('a caption changed outside appears, and two windows on one caption lose nothing', { timeout: 120_000 }, async () => {
  const { page } = studio
  const field = (of: typeof page) => of.getByRole('textbox', { name: 'Caption of airplane.png' })
  await page.getByRole('gridcell', { name: /^airplane\.png/ }).click()
  await writeFile(join(folder, 'airplane.txt'), 'from outside')
  await expect.poll(() => field(page).inputValue(), soon).toBe('from outside')

  const second = await page.context().newPage()
  await second.goto(page.url())
  await second.getByRole('gridcell', { name: /^airplane\.png/ }).click()
  await field(second).fill('of the second window')
  await field(page).fill('of the first window')
  await field(page).blur()
  await expect.poll(() => caption('airplane'), soon).toBe('of the first window')
  await field(second).blur()
  await second.getByText(/of the first window.*of the second window/).waitFor()
  expect(await caption('airplane')).toBe('of the first window')
  await second.getByRole('button', { name: 'Save mine' }).click()
  await expect.poll(() => caption('airplane'), soon).toBe('of the second window')
  await expect.poll(() => field(page).inputValue(), soon).toBe('of the second window')
  await second.close()
})

test('tags complete by keys alone', { timeout: 60_000 }, async () => {
  const { page } = studio
  await page.getByRole('gridcell', { name: /^alien\.png/ }).click()
  const field = page.getByRole('textbox', { name: 'Caption of alien.png' })
  await field.fill('alien, trav')
  await field.press('End')
  await field.pressSequentially('e')
  await page.getByRole('option', { name: /^travel/ }).waitFor()
  await field.press('ArrowDown')
  await field.press('Enter')
  expect(await field.inputValue()).toBe('alien, travel')
  await field.blur()
  await expect.poll(() => caption('alien'), soon).toBe('alien, travel')
})

test('a folder that is gone says so, and comes back', { timeout: 120_000 }, async () => {
  const { page } = studio
  await rename(folder, `${folder}.away`)
  await page.getByRole('alert').first().waitFor({ timeout: 30_000 })
  expect(await page.getByRole('gridcell').count()).toBeGreaterThan(0)
  await rename(`${folder}.away`, folder)
  await page.getByRole('alert').first().waitFor({ state: 'detached', timeout: 30_000 })
  await page.getByText('30 of 30 captioned').waitFor()
  expect(studio.complaints).toEqual([])
})
