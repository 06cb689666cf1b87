// What a newcomer does: a shipped set by few clicks, and pictures of one's own the whole way round.
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { assetPath } from '../../main/places/asset-path.ts'
import { dropFiles } from './testing-studio.ts'
import { patient, soon, useStudio } from './testing-use-studio.ts'

// As it is after an installation, with whatever it chooses by itself.
const studio = useStudio(() => ({ settings: {} }))

test('a newcomer trains a shipped set, sees the curve, stacks the style, generates, exports', async () => {
  const { page, home } = studio()
  await page.getByRole('button', { name: 'Train “Black ink”' }).click()
  await page.getByLabel('Steps', { exact: true }).fill('8')
  await page.getByLabel('Steps', { exact: true }).press('Tab')
  await page.getByRole('button', { name: 'Start training' }).click()
  await page.getByRole('img', { name: /Loss by step/ }).waitFor()
  await page.getByRole('button', { name: 'Use it in Generate' }).click({ timeout: 400_000 })

  await expect.poll(() => page.getByLabel('Weight of Black ink').count()).toBeGreaterThan(0)
  await page.getByLabel('Prompt', { exact: true }).fill('blackink style emoji of rocket')
  await page.getByRole('button', { name: 'Generate', exact: true }).click()
  const picture = page.getByRole('img', { name: /blackink style emoji of rocket/ })
  await picture.first().waitFor()
  await expect.poll(() => picture.first().evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(64)

  await page.getByRole('link', { name: 'Adapters' }).click()
  await page.getByRole('button', { name: 'Export …' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Precision').selectOption('fp32')
  await dialog.getByRole('button', { name: 'Export', exact: true }).click()
  await dialog.getByText('Exported and read back: the same to the bit').waitFor()
  const written = (await readdir(home, { recursive: true })).filter((name) => /export/i.test(name) && name.endsWith('.safetensors'))
  expect(written).toHaveLength(1)
  const { metadata } = await openSafetensors(join(home, written[0] ?? ''))
  expect(metadata.get('modelspec.trigger_phrase')).toBe('blackink')
})

test('thirty dropped pictures are captioned, trained, stacked with the shipped adapter, drawn, exported and taken in again', async () => {
  const { page, home } = studio()
  const source = join(await mkdtemp(join(tmpdir(), 'pigment-own-')), 'drawings')
  await mkdir(source)
  const from = assetPath('samples/black-ink')
  for (const name of (await readdir(from)).filter((one) => one.endsWith('.png')).slice(0, 30))
    await cp(join(from, name), join(source, name))
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  await page.keyboard.press('Escape')

  await page.getByRole('link', { name: 'Start' }).click()
  await dropFiles(page, [source])
  await page.getByText('0 of 30 captioned').waitFor(patient)
  await button('Edit captions …').first().click()
  await page.getByRole('dialog').getByLabel('Tags, separated by commas').fill('mystyle, ink')
  await page.getByRole('dialog').getByText('30 captions change').waitFor(patient)
  await button('Apply').click()
  await page.getByText('30 of 30 captioned').waitFor(patient)
  // News of the captions may come before the answer: while the dialog is there, what is typed goes into it.
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  const folder = join(home, 'datasets', 'drawings')
  const captions = (await readdir(folder)).filter((name) => name.endsWith('.txt'))
  expect(captions).toHaveLength(30)
  await expect.poll(() => readFile(join(folder, captions[0] ?? ''), 'utf8'), soon).toBe('mystyle, ink\n')
  await page.getByLabel('Trigger word').fill('mystyle')
  await page.getByLabel('Trigger word').press('Tab')
  await expect.poll(() => readFile(join(home, 'datasets.jsonl'), 'utf8'), soon).toContain('"trigger":"mystyle"')

  await button('Train with this set').click()
  await expect.poll(() => page.getByLabel('Name of the style').inputValue()).toBe('drawings')
  await page.getByRole('radio', { name: /Quick look/ }).check()
  await page.getByLabel('Steps', { exact: true }).fill('8')
  await page.getByLabel('Steps', { exact: true }).press('Tab')
  await button('Start training').click()
  // Until then the run before is shown.
  await page.getByRole('heading', { name: 'drawings', exact: true }).waitFor(patient)
  const samples = page.getByRole('region', { name: 'Samples' }).getByRole('img', { name: /mystyle/ })
  await samples.first().waitFor({ timeout: 240_000 })
  await button('Use it in Generate').click({ timeout: 400_000 })
  await expect.poll(() => page.getByRole('progressbar').count()).toBe(0)

  const stack = page.getByRole('region', { name: 'Adapter stack' })
  await page.getByRole('spinbutton', { name: 'Weight of drawings' }).waitFor(patient)
  if ((await page.getByRole('spinbutton', { name: 'Weight of Comic outline' }).count()) === 0)
    await page.getByLabel('Add an adapter').selectOption({ label: 'Comic outline' })
  await button('Write “mystyle” into the prompt').click()
  await expect.poll(() => page.getByLabel('Prompt', { exact: true }).inputValue()).toContain('mystyle')
  await page.getByLabel('Prompt', { exact: true }).fill('mystyle emoji of fish')
  await page.getByRole('spinbutton', { name: 'Steps' }).fill('4')
  await button('Generate').click()
  await page
    .getByRole('img', { name: /mystyle emoji of fish/ })
    .first()
    .waitFor(patient)
  await expect.poll(() => stack.locator('article').count()).toBeGreaterThanOrEqual(2)
  await page.getByText(/drawings 1 · comic-outline 1|comic-outline 1 · drawings 1/).waitFor()

  await page.getByRole('link', { name: 'Adapters' }).click()
  await page.getByRole('link', { name: /^drawings/ }).click()
  await button('Export …').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Export', exact: true }).click()
  await dialog.getByText('Exported and read back').waitFor(patient)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  const file = (await readdir(join(home, 'exports'))).find((name) => name.startsWith('drawings')) ?? ''
  const before = await page.getByRole('link', { name: /^drawings/ }).count()
  await dropFiles(page, [join(home, 'exports', file)])
  await expect.poll(() => page.getByRole('link', { name: /^drawings/ }).count(), patient).toBe(before + 1)
  await page.getByText('Imported', { exact: true }).waitFor(patient)
  await expect.poll(() => page.getByLabel('Trigger words').inputValue()).toBe('mystyle')
  await rm(join(source, '..'), { recursive: true, force: true })
})
