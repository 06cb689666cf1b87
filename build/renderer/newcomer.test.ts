import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openSafetensors } from '../../engine/files/safetensors.ts'
import { browserMissing, openStudio, type Studio } from './testing-studio.ts'

const missing = browserMissing()
let studio: Studio
beforeAll(async () => {
  if (!missing) studio = await openStudio()
}, 180_000)
afterAll(() => studio?.close())
beforeEach((context) => {
  if (missing) context.skip(missing)
})

test('a newcomer trains a shipped set, sees the curve, stacks the style, generates, exports', { timeout: 600_000 }, async () => {
  const { page } = studio
  await page.getByRole('button', { name: 'Train “Black ink”' }).click()
  await page.getByLabel('Steps', { exact: true }).fill('24')
  await page.getByLabel('Steps', { exact: true }).press('Tab')
  await page.getByRole('button', { name: 'Start training' }).click()
  await page.getByRole('img', { name: /Loss by step/ }).waitFor({ timeout: 120_000 })
  await page.getByRole('button', { name: 'Use it in Generate' }).click({ timeout: 400_000 })

  await expect.poll(() => page.getByLabel('Weight of Black ink').count()).toBeGreaterThan(0)
  await page.getByLabel('Prompt', { exact: true }).fill('blackink style emoji of rocket')
  await page.getByRole('button', { name: 'Generate', exact: true }).click()
  const picture = page.getByRole('img', { name: /blackink style emoji of rocket/ })
  await picture.first().waitFor({ timeout: 120_000 })
  expect(await picture.first().evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(64)

  await page.getByRole('link', { name: 'Adapters' }).click()
  await page.getByRole('button', { name: 'Export …' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Precision').selectOption('fp32')
  await dialog.getByRole('button', { name: 'Export', exact: true }).click()
  await dialog.getByText('the same to the bit').waitFor({ timeout: 60_000 })
  const written = (await readdir(studio.home, { recursive: true })).filter((name) => /export/i.test(name) && name.endsWith('.safetensors'))
  expect(written).toHaveLength(1)
  const { metadata } = await openSafetensors(join(studio.home, written[0] ?? ''))
  expect(metadata.get('modelspec.trigger_phrase')).toBe('blackink')
  expect(studio.complaints).toEqual([])
})
