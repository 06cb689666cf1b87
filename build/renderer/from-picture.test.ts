// Drawing from a picture in the studio: the one that is shown, or one from this computer; what was asked for comes back with the picture.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, expect, test } from 'vitest'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { patient, useStudio } from './testing-use-studio.ts'

let folder: string
const studio = useStudio(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-from-picture-'))
  await sharp({ create: { width: 90, height: 64, channels: 3, background: '#c04020' } })
    .png()
    .toFile(join(folder, 'red.png'))
  const right = { input: { create: { width: 45, height: 64, channels: 3 as const, background: '#fff' } }, left: 45, top: 0 }
  await sharp({ create: { width: 90, height: 64, channels: 3, background: '#000' } })
    .composite([right])
    .png()
    .toFile(join(folder, 'right.png'))
  return {}
})
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

const button = (name: string) => studio().page.getByRole('button', { name, exact: true })
const strength = () => studio().page.getByRole('spinbutton', { name: 'Denoising strength' })
async function settings(): Promise<string[]> {
  const gallery = join(studio().home, 'gallery')
  const files = (await readdir(gallery)).filter((name) => name.endsWith('.png'))
  const texts = await Promise.all(files.map(async (name) => readPngText(await readFile(join(gallery, name)), name)))
  return texts.map((parts) => parts.find(({ keyword }) => keyword === 'parameters')?.text ?? '')
}

test('the picture that is shown is drawn over, and the settings of the second come back with it', async () => {
  const { page } = studio()
  await page.getByRole('link', { name: 'Generate' }).click()
  await page.getByLabel('Prompt', { exact: true }).fill('a fox')
  await expect.poll(() => strength().count()).toBe(0)
  await button('Generate').click()
  await expect.poll(async () => (await settings()).length, patient).toBe(1)
  await button('The picture shown').click()
  await strength().fill('0.4')
  await button('Generate').click()
  await expect.poll(async () => (await settings()).filter((text) => text.includes('Denoising strength: 0.4')).length, patient).toBe(1)
  // Without the picture its options are not asked for, and they wait for another.
  await button('Without this picture').click()
  await expect.poll(() => strength().count()).toBe(0)
  await button('Recall settings').click()
  await expect.poll(() => strength().inputValue()).toBe('0.4')
})

test('a picture from this computer is kept and drawn over', async () => {
  const { page } = studio()
  await button('Without this picture').click()
  await page.getByRole('group', { name: 'Start picture' }).locator('input[type=file]').setInputFiles(join(folder, 'red.png'))
  await expect.poll(() => strength().inputValue()).toBe('0.4')
  expect(await readdir(join(studio().home, 'inputs'))).toHaveLength(1)
  await strength().fill('2')
  await page.getByText('Denoising strength: more than 0, at most 1').waitFor()
  await strength().fill('0.3')
  await button('Generate').click()
  await expect.poll(async () => (await settings()).filter((text) => text.includes('Denoising strength: 0.3')).length, patient).toBe(1)
})

test('a part of it is drawn anew, by a mask; hires fix is not offered beside a picture', async () => {
  const { page } = studio()
  await expect.poll(() => page.getByLabel('Hires fix', { exact: true }).count()).toBe(0)
  await page.getByRole('group', { name: 'Mask', exact: true }).locator('input[type=file]').setInputFiles(join(folder, 'right.png'))
  await page.getByRole('group', { name: 'Mask', exact: true }).getByRole('button', { name: 'Without this picture' }).waitFor()
  await button('Generate').click()
  await expect.poll(async () => (await settings()).filter((text) => text.includes('Mask mode: Inpaint masked')).length, patient).toBe(1)
})

test('without a picture it is drawn larger by hires fix, which asks for nothing until it has a value', async () => {
  const { page } = studio()
  await page.getByRole('group', { name: 'Start picture' }).getByRole('button', { name: 'Without this picture' }).click()
  await page.getByLabel('Hires fix', { exact: true }).waitFor()
  await expect.poll(() => page.getByText('Hires fix: 1.05 to 8').count()).toBe(0)
  await page.getByLabel('Hires fix', { exact: true }).fill('1.5')
  await button('Generate').click()
  await expect.poll(async () => (await settings()).filter((text) => text.includes('Hires upscale: 1.5')).length, patient).toBe(1)
  expect(studio().complaints).toEqual([])
})
