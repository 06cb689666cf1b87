// Drawing from a picture in the studio: the one that is shown, or one from this computer, or a part of it that was painted over; larger, in a grid;
// what was asked for comes back with the picture.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { dropFiles } from './testing-studio.ts'
import { patient, useStudio } from './testing-use-studio.ts'

let folder: string
const studio = useStudio(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-from-picture-'))
  await sharp({ create: { width: 90, height: 64, channels: 3, background: '#c04020' } })
    .png()
    .toFile(join(folder, 'red.png'))
  return {}
})
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

const button = (name: string) => studio().page.getByRole('button', { name, exact: true })
const tab = (name: string) => studio().page.getByRole('tab', { name: new RegExp(`^${name}:`) })
const strength = () => studio().page.getByRole('spinbutton', { name: 'Denoising strength' })
const masked = () =>
  studio()
    .page.getByRole('status')
    .filter({ hasText: /masked$/ })
    .textContent()
const pngs = async (): Promise<string[]> =>
  (await readdir(join(studio().home, 'gallery'), { recursive: true })).filter((name) => name.endsWith('.png'))
const read = (name: string) => readFile(join(studio().home, 'gallery', name))
async function settings(): Promise<string[]> {
  const texts = await Promise.all((await pngs()).map(async (name) => readPngText(await read(name), name)))
  return texts.map((parts) => parts.find(({ keyword }) => keyword === 'parameters')?.text ?? '')
}
/** Presses Generate and waits for its picture. */
async function drawn(says = ''): Promise<string> {
  const before = await pngs()
  await button('Generate').click()
  await expect.poll(async () => (await pngs()).length, patient).toBe(before.length + 1)
  const [made = ''] = (await pngs()).filter((name) => !before.includes(name))
  expect(readPngText(await read(made), made).find(({ keyword }) => keyword === 'parameters')?.text).toContain(says)
  // The page hears of its end a little later.
  await studio().page.locator('.stage').getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' })
  return made
}
const pixels = async (name: string): Promise<Buffer> =>
  sharp(await read(name))
    .raw()
    .toBuffer()
/** Paints a stroke over the start picture, by shares of it. */
async function paint(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const { page } = studio()
  const { x, y, width, height } = (await page.getByRole('img', { name: 'Start picture' }).boundingBox()) ?? {
    x: 0,
    y: 0,
    width: 0,
    height: 0,
  }
  await page.mouse.move(x + width * from[0], y + height * from[1])
  await page.mouse.down()
  await page.mouse.move(x + width * to[0], y + height * to[1], { steps: 5 })
  await page.mouse.up()
}

test('the picture that is shown is drawn over, and the settings of the second come back with it', async () => {
  const { page } = studio()
  await page.getByRole('link', { name: 'Generate' }).click()
  await page.getByLabel('Prompt', { exact: true }).fill('a fox')
  await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('6')
  await expect.poll(() => strength().count()).toBe(0)
  await drawn()
  await button('Use as start').click()
  await strength().fill('0.4')
  expect(await tab('Image').getAttribute('aria-selected')).toBe('true')
  await drawn('Denoising strength: 0.4')
  // On another tab its options are not asked for, and they wait.
  await tab('Text').click()
  await expect.poll(() => strength().count()).toBe(0)
  await drawn()
  expect((await settings()).filter((text) => text.includes('Denoising strength'))).toHaveLength(1)
  await page.getByRole('list', { name: 'Gallery' }).getByRole('button').nth(1).click()
  await button('Recall settings').click()
  await expect.poll(() => strength().inputValue()).toBe('0.4')
  expect(await tab('Image').getAttribute('aria-selected')).toBe('true')
})

test('a picture from this computer is kept and drawn over', async () => {
  const { page } = studio()
  await button('Start picture').click()
  await button('Without this picture').click()
  await page.getByText('No start picture yet').waitFor()
  await button('Generate').click()
  await page.getByRole('alert').getByText('There is no start picture yet').waitFor()
  // Dropped on the canvas, or chosen: it lies there once.
  await dropFiles(page, [join(folder, 'red.png')])
  await page.getByText('90 × 64').waitFor()
  await button('Without this picture').click()
  await page.getByRole('group', { name: 'Start picture' }).locator('input[type=file]').setInputFiles(join(folder, 'red.png'))
  await page.getByText('90 × 64').waitFor()
  expect(await strength().inputValue()).toBe('0.4')
  expect(await readdir(join(studio().home, 'inputs'))).toHaveLength(1)
  await strength().fill('2')
  await page.getByText('Denoising strength: more than 0, at most 1').waitFor()
  await strength().fill('0.9')
  await drawn('Denoising strength: 0.9')
})

test('a part of it is painted over and drawn anew; strokes are taken back; its recall draws the same picture', async () => {
  const { page } = studio()
  await tab('Mask').click()
  await expect.poll(masked).toBe('0% masked')
  await button('Generate').click()
  await page.getByRole('alert').getByText('Nothing is masked').waitFor()
  await page.getByRole('spinbutton', { name: 'Brush' }).fill('20')
  await paint([0.7, 0.3], [0.8, 0.6])
  const once = await masked()
  expect(Number.parseInt(once ?? '')).toBeGreaterThan(5)
  await paint([0.2, 0.5], [0.3, 0.5])
  expect(await masked()).not.toBe(once)
  await page.keyboard.press('Control+z')
  await expect.poll(masked).toBe(once)
  await page.keyboard.press('Control+Shift+z')
  await expect.poll(masked).not.toBe(once)
  await page.keyboard.press('Control+z')
  await page.keyboard.press(']')
  expect(await page.getByRole('spinbutton', { name: 'Brush' }).inputValue()).toBe('23')
  // By numbers as well as by hand, and back.
  await button('Rectangle by numbers').click()
  await button('Mask it').click()
  await expect.poll(async () => Number.parseInt((await masked()) ?? '')).toBeGreaterThan(60)
  await button('Invert the mask').click()
  await expect.poll(async () => Number.parseInt((await masked()) ?? '')).toBeLessThan(40)
  for (const _ of [1, 2]) await page.keyboard.press('Control+z')
  await expect.poll(masked).toBe(once)
  await button('Keep this seed').click()
  const first = await drawn('Mask mode: Inpaint masked')
  const { data, info } = await sharp(await read(first))
    .raw()
    .toBuffer({ resolveWithObject: true })
  const at = (x: number, y: number) => [...data.subarray((y * info.width + x) * info.channels, (y * info.width + x) * info.channels + 3)]
  // What is not masked is the picture's own, to the pixel.
  expect(at(3, 60)).toEqual([0xc0, 0x40, 0x20])
  expect(at(46, 28)).not.toEqual([0xc0, 0x40, 0x20])

  await tab('Text').click()
  await page.getByLabel('Prompt', { exact: true }).fill('a house')
  await page.getByLabel('Hires fix', { exact: true }).fill('1.5')
  await drawn('Hires upscale: 1.5')
  await page.getByLabel('Hires fix', { exact: true }).fill('')
  await page.getByRole('list', { name: 'Gallery' }).getByRole('button').nth(1).click()
  await button('Recall settings').click()
  await expect.poll(() => tab('Mask').getAttribute('aria-selected')).toBe('true')
  await button('Start picture').click()
  await expect.poll(masked).toBe(once)
  expect(Buffer.compare(await pixels(await drawn()), await pixels(first))).toBe(0)
})

test('a grid is made of what is masked, and zoom, fit and keys leave the picture in sight', async () => {
  const { page } = studio()
  await button('X/Y grid …').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Across').selectOption({ label: 'Steps' })
  await dialog.getByLabel('Values').first().fill('4, 5')
  const before = await pngs()
  await dialog.getByRole('button', { name: 'Make the grid' }).click()
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(async () => (await pngs()).length, patient).toBeGreaterThan(before.length)

  await button('Start picture').click()
  const frame = page.locator('.stage figure > div')
  const width = async (): Promise<number> => (await page.getByRole('img', { name: 'Start picture' }).boundingBox())?.width ?? 0
  const whole = await width()
  await frame.hover()
  await page.mouse.wheel(0, -400)
  await expect.poll(width).toBeGreaterThan(whole * 1.5)
  await button('Fit the whole picture').click()
  await expect.poll(width).toBeCloseTo(whole, 0)
  await frame.focus()
  await page.keyboard.press('1')
  await expect.poll(width).toBeCloseTo(90, 0)
  await page.keyboard.press('+')
  await expect.poll(width).toBeGreaterThan(100)
  await page.keyboard.press('0')
  await expect.poll(width).toBeCloseTo(whole, 0)
  expect(studio().complaints).toEqual([])
})
