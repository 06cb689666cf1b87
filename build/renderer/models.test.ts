// Models: what the built-in one is, and how its small pictures are shown large.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { models } from './fake/library.ts'
import { openFakeStudio, type FakeStudio } from './testing-fake-studio.ts'
import { browserMissing } from './testing-studio.ts'

const missing = browserMissing()
let studio: FakeStudio
beforeAll(async () => {
  if (!missing) studio = await openFakeStudio()
})
afterAll(() => studio?.close())
beforeEach((context) => {
  if (missing) context.skip(missing)
})

async function go(address: string): Promise<void> {
  await studio.page.goto(`${new URL(studio.page.url()).origin}/#/${address}`)
  await studio.page.reload()
  await studio.page.locator('main h1').first().waitFor()
}

test('the start says what the built-in model is, and the way to a real one, until there is one', async () => {
  const { page, answers } = studio
  const line = page.getByText(/is a \d+-pixel sketchbook/)
  await go('home')
  await page.getByText('Made here lately').waitFor()
  expect(await line.count()).toBe(0)
  answers.set('models.list', () => models.filter(({ embedded }) => embedded))
  await go('home')
  await line.getByRole('link').click()
  await page.getByRole('heading', { name: 'Models', exact: true }).waitFor()
  answers.delete('models.list')
})

test('a small picture is shown smoothly, or by its pixels where a person wants that, also after a reload', async () => {
  const { page } = studio
  const rendering = () =>
    page
      .locator('figure img')
      .first()
      .evaluate(
        (picture) =>
          (globalThis as unknown as { getComputedStyle: (of: unknown) => { imageRendering: string } }).getComputedStyle(picture)
            .imageRendering,
      )
  await go('generate')
  expect(await rendering()).toBe('auto')
  await page.getByRole('button', { name: 'Pixels', exact: true }).click()
  await expect.poll(rendering).toBe('pixelated')
  await go('generate')
  await expect.poll(rendering).toBe('pixelated')
  await page.getByRole('button', { name: 'Pixels', exact: true }).click()
  await expect.poll(rendering).toBe('auto')
})
