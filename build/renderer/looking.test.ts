// Pictures one by one, by keys alone: looked at large, cropped and brought back, and shown more or less often by the name of their folder.
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { measurePicture } from '../../engine/images/thumbnail.ts'
import { assetPath } from '../../main/places/asset-path.ts'
import { dropFiles, picturesLoaded } from './testing-studio.ts'
import { soon, useStudio } from './testing-use-studio.ts'

const studio = useStudio()
let source: string
let folder: string
beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), 'pigment-looking-'))
  source = join(root, 'animals')
  const from = assetPath('samples/black-ink')
  const names = (await readdir(from)).filter((name) => name.endsWith('.png')).slice(0, 6)
  for (const [i, name] of names.entries()) {
    const to = join(source, i < 4 ? '10_cat' : '5_dog')
    await mkdir(to, { recursive: true })
    for (const file of [name, name.replace('.png', '.txt')]) await cp(join(from, file), join(to, file))
  }
})
afterAll(() => rm(join(source, '..'), { recursive: true, force: true }))

const loaded = () => expect.poll(() => picturesLoaded(studio().page)).toBe(true)
const widthOf = async (path: string): Promise<number> => (await measurePicture(join(folder, path))).width

test('a picture is opened from the grid, its neighbours follow by arrows, and Escape goes back to where one was', async () => {
  const { page, home } = studio()
  await page.getByRole('link', { name: 'Pictures' }).click()
  await page.getByRole('gridcell').first().waitFor()
  await dropFiles(page, [source])
  await page.getByText('6 of 6 captioned').waitFor()
  folder = join(home, 'datasets', 'animals')
  await page.getByRole('gridcell').first().focus()
  await page.keyboard.press('Enter')
  const place = page.getByRole('region', { name: /, large$/ }).getByRole('status')
  await place.getByText('1 of 6').waitFor()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await place.getByText('3 of 6').waitFor()
  await page.keyboard.press('Escape')
  await place.waitFor({ state: 'detached' })
  await expect.poll(() => page.locator('[role=gridcell]:focus').getAttribute('data-index')).toBe('2')
  await page.keyboard.press('Space')
  await place.getByText('3 of 6').waitFor()
  await page.keyboard.press('g')
  await page.getByRole('gridcell').nth(1).dblclick()
  await place.getByText('2 of 6').waitFor()
})

test('a crop by keys changes the file, undo brings the same bytes back', async () => {
  const { page } = studio()
  const path = await page
    .getByRole('region', { name: /, large$/ })
    .locator('b')
    .innerText()
  const before = await readFile(join(folder, path))
  const width = await widthOf(path)
  await page.getByRole('region', { name: /, large$/ }).focus()
  await page.keyboard.press('r')
  await page.getByRole('combobox', { name: 'Shape' }).selectOption('free')
  await page.getByRole('button', { name: 'Bottom right corner' }).focus()
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowLeft')
  expect(await page.getByRole('spinbutton', { name: 'Width' }).inputValue()).toBe(String(width - 5))
  await page.keyboard.press('Enter')
  await expect.poll(() => widthOf(path), soon).toBe(width - 5)
  await page.getByText(`${width - 5} × ${width} px`).waitFor()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(async () => (await readFile(join(folder, path))).equals(before), soon).toBe(true)
  await page.getByText(`${width} × ${width} px`).waitFor()
  // Dragged: the corner at the upper left goes inwards by a quarter.
  await page.getByRole('button', { name: 'Crop …' }).click()
  await page.getByRole('combobox', { name: 'Shape' }).selectOption('free')
  const corner = page.getByRole('button', { name: 'Top left corner' })
  const whole = (await page.getByRole('button', { name: 'Move the frame' }).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  await corner.hover()
  await page.mouse.down()
  await page.mouse.move(whole.x + whole.width / 4, whole.y + whole.height / 4, { steps: 4 })
  await page.mouse.up()
  await page.getByRole('button', { name: 'Crop', exact: true }).click()
  await expect.poll(async () => Math.abs((await widthOf(path)) - 0.75 * width) <= 2, soon).toBe(true)
  await page.getByText(`${width} × ${width} px`).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(async () => (await readFile(join(folder, path))).equals(before), soon).toBe(true)
  await page.getByText(`${width} × ${width} px`).waitFor()
  await page.getByRole('button', { name: 'Back to the grid' }).click()
})

test('a number beside a folder is in its name, the filter follows, and undo takes it back', async () => {
  const { page } = studio()
  const names = async () => (await readdir(folder)).sort()
  await page.getByRole('button', { name: /^10_cat/ }).click()
  await expect.poll(() => page.getByRole('gridcell').count()).toBe(4)
  const field = page.getByRole('spinbutton', { name: 'Times per epoch: 10_cat' })
  await loaded()
  await field.fill('3')
  await field.press('Tab')
  await expect.poll(names, soon).toEqual(['3_cat', '5_dog'])
  await page.getByRole('button', { name: /^3_cat/, pressed: true }).waitFor()
  await expect.poll(() => page.getByRole('gridcell', { name: /^3_cat/ }).count()).toBe(4)
  await loaded()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect.poll(names, soon).toEqual(['10_cat', '5_dog'])
  await page
    .getByRole('gridcell', { name: /^10_cat/ })
    .first()
    .waitFor()
  await loaded()
})

test('tags are completed in Chinese: what an input method still holds is left to it', async () => {
  const { page } = studio()
  const [first = '', second = ''] = (await readdir(join(folder, '10_cat'))).filter((name) => name.endsWith('.png'))
  const field = (name: string) => page.getByRole('textbox', { name: `Caption of 10_cat/${name}` })
  await page.getByRole('gridcell', { name: `10_cat/${first}` }).click()
  await field(first).fill('绿色, 苔藓')
  await page.getByRole('gridcell', { name: `10_cat/${second}` }).click()
  await page.getByRole('gridcell', { name: '绿色, 苔藓' }).waitFor()
  await field(second).fill('苔藓, ')
  await field(second).press('End')
  const keyboard = await page.context().newCDPSession(page)
  await keyboard.send('Input.imeSetComposition', { text: '绿', selectionStart: 1, selectionEnd: 1 })
  expect(await page.getByRole('option').count()).toBe(0)
  await keyboard.send('Input.insertText', { text: '绿' })
  await page.getByRole('option', { name: '绿色' }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Tab')
  expect(await field(second).inputValue()).toBe('苔藓, 绿色')
  await page.keyboard.press('Escape')
})

test('a deleted picture comes back from its notice', async () => {
  const { page } = studio()
  const files = async () => (await readdir(join(folder, '5_dog'))).length
  await page
    .getByRole('gridcell', { name: /^5_dog/ })
    .first()
    .click()
  await loaded()
  await page.keyboard.press('Delete')
  await expect.poll(files, soon).toBe(2)
  await page.getByText('One picture is in the trash.').waitFor()
  await page.getByRole('button', { name: 'Undo' }).last().click()
  await expect.poll(files, soon).toBe(4)
})
