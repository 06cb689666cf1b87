// Merging in the studio: two adapters, a method, what it would be, pictures of it, into the library and out again.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { writeRandomAdapter } from './testing-random-adapter.ts'
import { dropFiles } from './testing-studio.ts'
import { patient, useStudio } from './testing-use-studio.ts'

let folder: string
const studio = useStudio(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-merging-'))
  for (const [i, name] of ['ink', 'comic'].entries()) await writeRandomAdapter(folder, name, { seed: i + 1 })
  return {}
})
afterAll(async () => {
  if (folder) await rm(folder, { recursive: true, force: true })
})

const report = () => studio().page.getByRole('region', { name: 'What it would be' })
const fact = (name: string) => report().locator('dl').getByText(name, { exact: true }).locator('+ dd')
const save = () => studio().page.getByRole('button', { name: 'Save to the library' })

test('two adapters become one: told before, drawn before and after, saved, taken back', async () => {
  const { page } = studio()
  await dropFiles(page, [join(folder, 'ink.safetensors'), join(folder, 'comic.safetensors')])
  for (const name of ['ink', 'comic']) await page.getByRole('link', { name: new RegExp(`^${name}`) }).waitFor(patient)
  await page.getByRole('link', { name: 'Merge' }).click()
  expect(await save().isDisabled()).toBe(true)
  await page.getByRole('link', { name: 'Adapters' }).click()
  for (const name of ['ink', 'comic']) await page.getByRole('checkbox', { name: new RegExp(`\\b${name}`) }).check()
  await page.getByRole('button', { name: 'Merge', exact: true }).click()
  await page.getByRole('spinbutton', { name: 'Weight of comic' }).waitFor(patient)

  // A sum of two loses nothing; half the rank does, and says how much.
  await fact('Rank').waitFor(patient)
  expect(await fact('Off the exact sum').textContent()).toBe('0%')
  const whole = Number(await fact('Rank').textContent())
  await page.getByRole('radio', { name: 'At most' }).check()
  await page.getByRole('spinbutton', { name: 'Rank' }).fill('2')
  await expect.poll(() => fact('Rank').textContent(), patient).toBe('2')
  expect(whole).toBeGreaterThan(2)
  expect(await fact('Off the exact sum').textContent()).not.toBe('0%')

  // Opposite strengths of the same file are nothing: said where the report stands.
  await page.getByRole('spinbutton', { name: 'Weight of ink' }).fill('0')
  await page.getByRole('spinbutton', { name: 'Weight of comic' }).fill('0')
  await report().getByRole('alert').waitFor(patient)
  expect(await save().isDisabled()).toBe(true)
  await page.getByRole('spinbutton', { name: 'Weight of ink' }).fill('0.5')
  await page.getByRole('spinbutton', { name: 'Weight of comic' }).fill('1')
  await fact('Rank').waitFor(patient)

  const pictures = page.getByRole('region', { name: 'Pictures before saving' })
  await pictures.getByRole('spinbutton', { name: 'Seeds' }).fill('1')
  await pictures.getByRole('button', { name: 'Draw before and after' }).click()
  const sheet = pictures.getByRole('img')
  await sheet.waitFor(patient)
  // Two alone, both as a stack, the result: four side by side.
  const box = await sheet.boundingBox()
  expect(box?.width).toBeGreaterThan(2 * (box?.height ?? Infinity))

  const copies = await mkdtemp(join(tmpdir(), 'pigment-copies-'))
  await page.getByRole('button', { name: 'Into a copy of the model …' }).click()
  await page.getByLabel('Name of the copy').fill('baked')
  await page.getByLabel('Path on this computer').fill(copies)
  await page.getByLabel('Path on this computer').press('Enter')
  await page.getByText(`Written: ${copies}/baked`).waitFor(patient)
  expect(await readdir(copies)).toEqual(['baked'])
  await rm(copies, { recursive: true })

  await page.getByLabel('Name of the result').fill('both')
  await save().click()
  const notice = page.getByText('“both” is in the library.')
  await notice.waitFor(patient)
  await page.getByRole('button', { name: 'Undo' }).click()
  await page.getByText('“both”').last().waitFor(patient)
  await page.getByRole('link', { name: 'Adapters' }).click()
  await page.getByRole('link', { name: /^ink/ }).waitFor(patient)
  expect(await page.getByRole('link', { name: /^both/ }).count()).toBe(0)
})
