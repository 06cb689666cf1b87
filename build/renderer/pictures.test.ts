// A set of pictures in the studio: dropped, its captions edited at once and one by one, changed from outside, unplugged.
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import { assetPath } from '../../main/places/asset-path.ts'
import { dropFiles, picturesLoaded } from './testing-studio.ts'
import { patient, soon, useStudio } from './testing-use-studio.ts'

let source: string
let folder: string
const studio = useStudio(async () => {
  source = join(await mkdtemp(join(tmpdir(), 'pigment-pictures-')), 'thirty')
  await mkdir(source)
  const from = assetPath('samples/black-ink')
  const names = (await readdir(from)).filter((name) => name.endsWith('.png')).slice(0, 30)
  for (const name of names) for (const file of [name, name.replace('.png', '.txt')]) await cp(join(from, file), join(source, file))
  return {}
})
afterAll(async () => {
  if (source) await rm(join(source, '..'), { recursive: true, force: true })
})

const field = (page: Page, name: string) => page.getByRole('textbox', { name: `Caption of ${name}.png` })
const caption = async (name: string): Promise<string> => (await readFile(join(folder, `${name}.txt`), 'utf8')).trim()
const captionIs = (name: string, text: string) => expect.poll(() => caption(name), soon).toBe(text)

test('thirty dropped pictures become a set of ordinary files', async () => {
  const { page, home } = studio()
  await page.getByRole('link', { name: 'Pictures' }).click()
  // What is dropped on an element that goes at that moment is lost, in every page: the screen stands still first.
  await page.getByText('120 of 120 captioned').waitFor()
  await dropFiles(page, [source])
  await page.getByText('30 of 30 captioned').waitFor()
  const sets = await readdir(join(home, 'datasets'))
  expect(sets).toEqual(['thirty'])
  folder = join(home, 'datasets', 'thirty')
  expect((await readdir(folder)).filter((name) => name.endsWith('.txt'))).toHaveLength(30)
  expect(await caption('airplane')).toBe('blackink style emoji of airplane, travel, plane')
})

test('tags are added, texts replaced, plain and by expression: shown first, and undo brings every file back', async () => {
  const { page } = studio()
  const dialog = page.getByRole('dialog')
  const first = 'blackink style emoji of airplane, travel, plane'
  /** The page knows of it too: what its buttons do is what they say. */
  const shows = (text: string) => expect.poll(() => field(page, 'airplane').inputValue()).toBe(text)
  const open = async (kind: string): Promise<void> => {
    await page.getByRole('button', { name: 'Edit captions …' }).first().click()
    await dialog.getByRole('radio', { name: kind }).check()
  }
  const apply = async (before: string, after: string): Promise<void> => {
    await dialog.getByText('30 captions change').waitFor(patient)
    const shown = dialog.getByRole('listitem').filter({ hasText: 'airplane.png' })
    // Until the answer comes, the change before this one is shown.
    await expect.poll(() => shown.locator('ins').textContent()).toBe(after)
    expect(await shown.locator('del').textContent()).toBe(before)
    expect(await caption('airplane')).toBe(before)
    await dialog.getByRole('button', { name: 'Apply' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await captionIs('airplane', after)
    await shows(after)
  }
  const replace = async (find: string, by: string, regex: boolean): Promise<void> => {
    await open('Find and replace')
    await dialog.getByLabel('Find', { exact: true }).fill(find)
    await dialog.getByLabel('Replace with').fill(by)
    if (regex) await dialog.getByLabel('Regular expression').check()
  }
  await open('Add tags')
  await dialog.getByLabel('Tags, separated by commas').fill('flat, drawn')
  await apply(first, `${first}, flat, drawn`)
  await replace('emoji of', 'drawing of', false)
  await apply(`${first}, flat, drawn`, 'blackink style drawing of airplane, travel, plane, flat, drawn')
  await replace('^blackink style (\\w+) of (\\w+)', '$2: $1', true)
  await apply('blackink style drawing of airplane, travel, plane, flat, drawn', 'airplane: drawing, travel, plane, flat, drawn')

  const captions = async (): Promise<string[]> => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.txt'))
    return Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  }
  const all = (text: string) => expect.poll(async () => (await captions()).filter((one) => one.includes(text)).length, soon)
  await page.getByRole('button', { name: 'Undo' }).click()
  await all('style drawing of').toBe(30)
  await shows('blackink style drawing of airplane, travel, plane, flat, drawn')
  await page.getByRole('button', { name: 'Undo' }).click()
  await all('style emoji of').toBe(30)
  await shows(`${first}, flat, drawn`)
  await page.getByRole('button', { name: 'Undo' }).click()
  await all('flat').toBe(0)
  await captionIs('airplane', first)
  await shows(first)
  await page.getByRole('button', { name: 'Redo' }).click()
  await all(', flat, drawn').toBe(30)
  await shows(`${first}, flat, drawn`)
  await page.getByRole('button', { name: 'Undo' }).click()
  await captionIs('airplane', first)
  await expect.poll(() => page.getByRole('button', { name: 'Undo' }).isDisabled(), soon).toBe(true)
})

test('a caption changed outside appears, and two windows on one caption lose nothing', async () => {
  const { page } = studio()
  await page.getByRole('gridcell', { name: /^airplane\.png/ }).click()
  await writeFile(join(folder, 'airplane.txt'), 'from outside')
  await expect.poll(() => field(page, 'airplane').inputValue(), soon).toBe('from outside')

  const second = await page.context().newPage()
  await second.goto(page.url())
  await second.getByRole('gridcell', { name: /^airplane\.png/ }).click()
  await field(second, 'airplane').fill('of the second window')
  await field(page, 'airplane').fill('of the first window')
  await field(page, 'airplane').blur()
  await captionIs('airplane', 'of the first window')
  await field(second, 'airplane').blur()
  await second.getByText(/of the first window.*of the second window/).waitFor()
  expect(await caption('airplane')).toBe('of the first window')
  await second.getByRole('button', { name: 'Save mine' }).click()
  await captionIs('airplane', 'of the second window')
  await expect.poll(() => field(page, 'airplane').inputValue(), soon).toBe('of the second window')
  await second.close()
})

test('tags complete by keys alone', async () => {
  const { page } = studio()
  await page.getByRole('gridcell', { name: /^alien\.png/ }).click()
  const alien = field(page, 'alien')
  await alien.fill('alien, trav')
  await alien.press('End')
  await alien.pressSequentially('e')
  await page.getByRole('option', { name: /^travel/ }).waitFor()
  await alien.press('ArrowDown')
  await alien.press('Enter')
  expect(await alien.inputValue()).toBe('alien, travel')
  await alien.blur()
  await captionIs('alien', 'alien, travel')
})

test('a folder that is gone says so, and comes back', async () => {
  const { page } = studio()
  const cards = () => page.getByRole('alert').allInnerTexts()
  expect(await cards()).toEqual([])
  await expect.poll(() => picturesLoaded(page)).toBe(true)
  await rename(folder, `${folder}.away`)
  await expect.poll(cards, { timeout: 60_000 }).toHaveLength(1)
  expect(await page.getByRole('gridcell').count()).toBeGreaterThan(0)
  await rename(`${folder}.away`, folder)
  await expect.poll(cards, { timeout: 60_000 }).toEqual([])
  await page.getByText('30 of 30 captioned').waitFor()
})
