// What goes wrong in a person's hands: each time a card says what and why, nothing is lost, and the studio goes on.
import { chmod, mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { encodePng } from '../../engine/images/write-png.ts'
import { emptyPng, zip } from '../../main/datasets/testing.ts'
import { dropFiles } from './testing-studio.ts'
import { patient, soon, useStudio } from './testing-use-studio.ts'

let root: string
let png: Uint8Array
const studio = useStudio(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-mishaps-'))
  png = await encodePng({ width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(200) })
  return { preload: join(import.meta.dirname, 'testing-full-disk.ts'), env: { PIGMENT_FULL_DISK: join(root, 'full.disk') } }
})
afterAll(async () => {
  if (root) await rm(root, { recursive: true, force: true })
})

async function folderWith(name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  await mkdir(join(root, name), { recursive: true })
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(root, name, file), bytes)
  return join(root, name)
}
/** The card with this sentence; it is closed, and nothing else is said. */
async function card(words: RegExp): Promise<void> {
  const alert = studio().page.getByRole('alert').filter({ hasText: words })
  await alert.waitFor(patient)
  expect(await studio().page.getByRole('alert').count()).toBe(1)
  await alert.getByRole('button', { name: 'Close' }).click()
  await alert.waitFor({ state: 'detached' })
}
const own = (): Promise<string[]> => readdir(join(studio().home, 'datasets'))
const drops = (): Promise<string[]> => readdir(join(studio().home, 'drops'))
/** A fresh start at the sets; what is dropped there makes a new one, since the samples take none in. */
async function atSets(): Promise<void> {
  const { page } = studio()
  await page.getByRole('navigation').getByRole('link', { name: 'Start' }).click()
  await page.getByRole('heading', { level: 1 }).waitFor()
}
async function dropSet(name: string, files: Readonly<Record<string, string | Uint8Array>>, captioned: string): Promise<string> {
  await atSets()
  await dropFiles(studio().page, [await folderWith(name, files)])
  await studio().page.getByRole('heading', { level: 1, name }).waitFor(patient)
  await studio().page.getByText(captioned).waitFor(patient)
  return join(studio().home, 'datasets', name)
}

test('a zip bomb, and twenty gigabytes at once, are refused before they fill the disk', async () => {
  const { page } = studio()
  await atSets()
  await writeFile(join(root, 'bomb.zip'), zip([{ name: 'a.png', data: Buffer.alloc(64 * 2 ** 20), claimed: 100 }]))
  await dropFiles(page, [join(root, 'bomb.zip')])
  await card(/is not unpacked/)
  const huge = await folderWith('huge', {})
  await using file = await open(join(huge, 'a.png'), 'w')
  // Sparse: it has the size without the blocks.
  await file.truncate(20 * 2 ** 30)
  await dropFiles(page, [huge])
  await card(/21\.5 GB, more than 8\.0 GB/)
  await expect.poll(async () => [await own(), await drops()], soon).toEqual([[], []])
  await dropSet('after', { 'a.png': png, 'a.txt': 'grey' }, '1 of 1 captioned')
  await expect.poll(drops, soon).toEqual([])
})

test('a picture of 17000 × 17000 is shown with its reason, and the others stay usable', async () => {
  const { page } = studio()
  const folder = await dropSet('large', { 'good.png': png, 'large.png': emptyPng(17_000) }, '0 of 2 captioned')
  await page.getByRole('button', { name: /^Unreadable/ }).waitFor()
  await page.getByRole('gridcell', { name: /^large\.png/ }).click()
  await page
    .getByRole('complementary', { name: 'large.png' })
    .getByRole('alert')
    .filter({ hasText: /100 million pixels/ })
    .waitFor(patient)
  await page.getByRole('gridcell', { name: /^good\.png/ }).click()
  await page.getByRole('textbox', { name: 'Caption of good.png' }).fill('grey')
  await page.getByText('1 of 2 captioned').or(page.getByRole('textbox')).first().press('Tab')
  await expect.poll(() => readFile(join(folder, 'good.txt'), 'utf8').catch(() => ''), soon).toBe('grey\n')
})

test('what cannot be opened is called so, and a picture whose caption cannot be read is still shown', async () => {
  const { page } = studio()
  await dropSet(
    'odd',
    { 'torn.png': png.subarray(0, 60), 'said.png': png, 'said.txt': Uint8Array.of(0xb0, 0xa1, 0xff) },
    '0 of 2 captioned',
  )
  await page.getByRole('gridcell', { name: 'torn.png: Unreadable' }).waitFor()
  const cell = page.getByRole('gridcell', { name: /^said\.png/ })
  await cell.locator('img').waitFor()
  await cell.click()
  const beside = page.getByRole('complementary', { name: 'said.png' })
  await beside.getByRole('alert').filter({ hasText: /UTF-8/ }).waitFor(patient)
  await beside.locator('img').waitFor()
  expect(await beside.getByRole('button', { name: 'Crop …' }).isEnabled()).toBe(true)
})

test('names in Chinese, of emoji and of 200 letters keep their pictures and captions together', async () => {
  const { page } = studio()
  const stems = ['苔藓', '🌿👩‍👩‍👧', 'x'.repeat(230), '长'.repeat(80), `it's $(x) "&<b>`, '-rf', 'a%2Fb #?']
  const folder = await dropSet('数据 🎨', Object.fromEntries(stems.map((stem) => [`${stem}.png`, png])), `0 of ${stems.length} captioned`)
  await page.getByRole('button', { name: 'Edit captions …' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Tags, separated by commas').fill('标签')
  await dialog.getByText(`${stems.length} captions change`).waitFor(patient)
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await page.getByText(`${stems.length} of ${stems.length} captioned`).waitFor(patient)
  await dialog.waitFor({ state: 'detached' })
  const names = await readdir(folder)
  expect(
    names
      .filter((name) => name.endsWith('.png'))
      .map((name) => name.replace('.png', '.txt'))
      .sort(),
  ).toEqual(names.filter((name) => name.endsWith('.txt')).sort())
  expect(names).toContain('苔藓.txt')
  // Names of more than 200 bytes are cut between letters.
  expect(names).toContain(`${'长'.repeat(65)}.txt`)
})

test('a folder that is not there, and one that may not be read, are told of in the dialog', async (context) => {
  const { page } = studio()
  await page.getByRole('navigation').getByRole('link', { name: 'Pictures' }).click()
  await page.getByRole('button', { name: 'New set' }).click()
  const dialog = page.getByRole('dialog')
  const path = dialog.getByRole('textbox').first()
  await path.fill(join(root, 'nowhere'))
  await path.press('Enter')
  await dialog
    .getByRole('alert')
    .filter({ hasText: /There is no such file/ })
    .waitFor(patient)
  const locked = await folderWith('locked', { 'a.png': png })
  if (process.getuid?.() === 0) context.skip('root may read every folder')
  await chmod(locked, 0o000)
  await path.fill(locked)
  await path.press('Enter')
  await dialog
    .getByRole('alert')
    .filter({ hasText: /You may not read it/ })
    .waitFor(patient)
  await chmod(locked, 0o700)
  await path.press('Enter')
  await dialog.waitFor({ state: 'detached' })
})

test('the disk fills while captions are saved: files and what was written stay', async () => {
  const { page } = studio()
  await page.keyboard.press('Escape')
  const folder = await dropSet('full', { 'a.png': png, 'a.txt': 'one', 'b.png': png, 'b.txt': 'two' }, '2 of 2 captioned')
  const texts = () => Promise.all(['a.txt', 'b.txt'].map((name) => readFile(join(folder, name), 'utf8')))
  await page.getByRole('gridcell', { name: /^a\.png/ }).click()
  const field = page.getByRole('textbox', { name: 'Caption of a.png' })
  await writeFile(join(root, 'full.disk'), '')
  await field.fill('one, and more')
  await field.blur()
  await card(/The disk is full/)
  expect(await field.inputValue()).toBe('one, and more')
  await page.getByRole('button', { name: 'Edit captions …' }).first().click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Tags, separated by commas').fill('new')
  await dialog.getByText('2 captions change').waitFor(patient)
  await dialog.getByRole('button', { name: 'Apply' }).click()
  await page
    .getByRole('alert')
    .filter({ hasText: /The disk is full/ })
    .first()
    .waitFor(patient)
  expect(await texts()).toEqual(['one', 'two'])

  await rm(join(root, 'full.disk'))
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await card(/The disk is full/)
  expect(await field.inputValue()).toBe('one, and more')
  await field.focus()
  await field.blur()
  await expect.poll(texts, soon).toEqual(['one, and more\n', 'two'])
})
