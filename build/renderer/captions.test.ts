// Captions in the studio: what is shown is what is chosen, and what is written goes to that file, within a second.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { encodePng } from '../../engine/images/write-png.ts'
import { dropFiles } from './testing-studio.ts'
import { patient, soon, useStudio } from './testing-use-studio.ts'

let root: string
let folder: string
const names = Array.from({ length: 9 }, (_, i) => `p${i + 1}`)
const bare = ['p3', 'p7']
const studio = useStudio(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-captions-'))
  await mkdir(join(root, 'nine'))
  for (const [i, name] of names.entries()) {
    const data = new Uint8Array(64 * 64 * 3).fill(20 * i + 40)
    await writeFile(join(root, 'nine', `${name}.png`), await encodePng({ width: 64, height: 64, data }))
    if (!bare.includes(name)) await writeFile(join(root, 'nine', `${name}.txt`), `caption of ${name}`)
  }
  return {}
})
afterAll(async () => {
  if (root) await rm(root, { recursive: true, force: true })
})

const cell = (name: string) => studio().page.getByRole('gridcell', { name: new RegExp(`^${name}\\.png`) })
const field = () => studio().page.getByRole('textbox', { name: /^Caption of/ })
const shown = async (): Promise<string | undefined> => /of (\w+)\.png/.exec((await field().getAttribute('aria-label')) ?? '')?.[1]
const ringed = async (): Promise<string[]> =>
  (
    await studio()
      .page.getByRole('gridcell', { selected: true })
      .evaluateAll((cells) => cells.map((one) => (one as unknown as { ariaLabel: string }).ariaLabel))
  ).map((label) => label.split('.')[0] ?? '')
const onDisk = (name: string): Promise<string> => readFile(join(folder, `${name}.txt`), 'utf8').catch(() => '')
const to = (name: string) => studio().page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
/** One picture is ringed, and it is the one whose caption is shown. */
const chosen = (name: string) => expect.poll(async () => [await shown(), await ringed()], soon).toEqual([name, [name]])

beforeEach(async () => {
  if (folder) return
  const { page, home } = studio()
  await page.getByRole('heading', { level: 1 }).waitFor()
  await dropFiles(page, [join(root, 'nine')])
  await page.getByText('7 of 9 captioned').waitFor(patient)
  folder = join(home, 'datasets', 'nine')
})

test('a set opens with its first picture chosen, and what was chosen is shown after leaving and coming back', async () => {
  await chosen('p1')
  await cell('p5').click()
  await chosen('p5')
  await to('Jobs')
  await to('Pictures')
  await chosen('p5')
  await field().fill('written after coming back')
  await field().blur()
  await expect.poll(() => onDisk('p5'), soon).toBe('written after coming back\n')
  expect(await onDisk('p1')).toBe('caption of p1')
})

test('pictures that come and go before it, and a filter that hides it, leave the chosen one shown', async () => {
  const { page } = studio()
  await cell('p5').click()
  const first = await readFile(join(folder, 'p1.png'))
  await writeFile(join(folder, 'a.png'), first)
  await cell('a').waitFor(patient)
  await chosen('p5')
  await rm(join(folder, 'a.png'))
  await cell('a').waitFor({ state: 'detached', ...patient })
  await chosen('p5')
  await page.getByRole('searchbox', { name: 'Search captions and names' }).fill('of p2')
  await cell('p5').waitFor({ state: 'detached' })
  expect(await shown()).toBe('p5')
  await field().fill('written while it was hidden')
  await expect.poll(() => onDisk('p5'), soon).toBe('written while it was hidden\n')
  await page.getByRole('searchbox').fill('')
  await chosen('p5')
})

test('with the chosen picture gone the next one is chosen, and undo brings it back', async () => {
  const { page } = studio()
  await cell('p8').click()
  // What is asked for a picture that goes at once is answered with "not found", which this page must not hear.
  const seen = () => expect.poll(() => page.evaluate('[...document.images].every((one) => one.complete)'), soon).toBe(true)
  await seen()
  await page.keyboard.press('Delete')
  await chosen('p9')
  await seen()
  await page.keyboard.press('Delete')
  await chosen('p7')
  await page.getByRole('button', { name: 'Undo', exact: true }).first().click()
  await page.getByRole('button', { name: 'Undo', exact: true }).first().click()
  await cell('p8').waitFor(patient)
  await cell('p9').waitFor(patient)
  await chosen('p7')
})

test('a caption is saved while the field has the focus, and undo takes back what was written in one go', async () => {
  const { page } = studio()
  await cell('p2').click()
  await field().focus()
  await page.keyboard.press('End')
  await page.keyboard.type(', one')
  await expect.poll(() => onDisk('p2'), soon).toBe('caption of p2, one\n')
  await page.keyboard.type(', two ')
  await expect.poll(() => onDisk('p2'), soon).toBe('caption of p2, one, two\n')
  // What is being typed is not touched by its own way to the disk.
  expect(await field().inputValue()).toBe('caption of p2, one, two ')
  expect(await page.evaluate('document.activeElement?.tagName')).toBe('TEXTAREA')
  await page.getByRole('button', { name: 'Undo', exact: true }).first().click()
  await expect.poll(() => onDisk('p2'), soon).toBe('caption of p2')
  await expect.poll(() => field().inputValue(), soon).toBe('caption of p2')
})

test('what was typed is saved where it was typed, also when another picture, set or screen is opened at once, or the page goes', async () => {
  const { page } = studio()
  await cell('p4').click()
  await field().fill('four')
  await cell('p6').click()
  await chosen('p6')
  await field().fill('six')
  await page.getByRole('link', { name: /Black ink/ }).click()
  await page.getByRole('heading', { level: 1, name: 'Black ink' }).waitFor()
  await page.getByRole('link', { name: /nine/ }).click()
  await chosen('p1')
  await field().fill('one')
  await page.keyboard.press('Control+7')
  await expect.poll(() => Promise.all(['p4', 'p6', 'p1'].map(onDisk)), soon).toEqual(['four\n', 'six\n', 'one\n'])
  await to('Pictures')
  await chosen('p1')
  await field().fill('one, before the page went')
  await page.reload()
  await expect.poll(() => onDisk('p1'), soon).toBe('one, before the page went\n')
})

test('what is typed while a save is not answered yet is saved too when the page goes', async () => {
  const { page } = studio()
  await cell('p2').click()
  await chosen('p2')
  let asked = 0
  await page.route('**/call/datasets.setCaption', async (route) => {
    const answer = await route.fetch()
    // The first one's answer is lost on its way.
    if (asked++ > 0) await route.fulfill({ response: answer })
  })
  await field().fill('three')
  await expect.poll(() => onDisk('p2'), soon).toBe('three\n')
  await field().fill('three, and more')
  await page.reload()
  await expect.poll(() => onDisk('p2'), soon).toBe('three, and more\n')
  await page.unrouteAll({ behavior: 'ignoreErrors' })
})

test('Ctrl+Enter saves and goes to the next picture without a caption, round the end, until none is left', async () => {
  const { page } = studio()
  await cell('p5').click()
  await field().fill('five')
  await page.keyboard.press('Control+Enter')
  await chosen('p7')
  expect(await onDisk('p5')).toBe('five\n')
  // The field is ready to be written in.
  await expect.poll(() => page.evaluate('document.activeElement?.getAttribute("aria-label")')).toBe('Caption of p7.png')
  await page.keyboard.type('seven')
  await page.keyboard.press('Control+Enter')
  await chosen('p3')
  await page.keyboard.type('three')
  await page.keyboard.press('Control+Enter')
  await page.getByText('Every other picture here has a caption.').waitFor()
  await chosen('p3')
  expect(await Promise.all(['p7', 'p3'].map(onDisk))).toEqual(['seven\n', 'three\n'])
})

test('caption help shows what the first pictures would get, writes over what is there where that is asked for, and one undo takes it back', async () => {
  const { page } = studio()
  const before = await Promise.all(names.map(onDisk))
  await page.getByRole('button', { name: 'Caption help' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('No picture here is without a caption.').waitFor(patient)
  await dialog.getByLabel('Captions that are there').selectOption('overwrite')
  await dialog.getByLabel('Template', { exact: true }).fill('{tags} of {folder}')
  await dialog.getByText('p1 of nine', { exact: true }).waitFor(patient)
  await dialog.getByRole('button', { name: 'Caption 9 pictures' }).click()
  await expect.poll(() => onDisk('p9'), patient).toBe('p9 of nine\n')
  expect(await Promise.all(names.map(onDisk))).toEqual(names.map((name) => `${name} of nine\n`))
  await page.getByRole('button', { name: 'Undo', exact: true }).first().click()
  await expect.poll(() => Promise.all(names.map(onDisk)), patient).toEqual(before)
})
