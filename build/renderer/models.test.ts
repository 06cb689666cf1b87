// Models: what the built-in one is, how its small pictures are shown large, and what other programs keep.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PigmentError } from '../../engine/requests/error.ts'
import { fakeCard } from './fake/adapter-cards.ts'
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

const sent = (method: string) => studio.calls.filter((call) => call.method === method)
const rows = () => studio.page.getByRole('list', { name: 'On this computer' }).getByRole('listitem')

test('what is found is narrowed by words, kind and use; what cannot be used says why', async () => {
  const { page } = studio
  await go('models')
  await expect.poll(() => rows().count()).toBe(10)
  await page.getByText('of the Flux family').waitFor()
  await page.getByRole('searchbox').fill('comfyui VAE')
  await expect.poll(() => rows().count()).toBe(1)
  await page.getByRole('searchbox').fill('nothing of that name')
  await page.getByText('Nothing fits.').waitFor()
  await page.getByRole('searchbox').fill('')
  await page.getByRole('button', { name: /^Model\s*7/ }).click()
  await page.getByLabel('Usable only').check()
  await expect.poll(() => rows().count()).toBe(4)
})

test('by keys alone a model is reached and added; adapters come into the library in one press, a VAE into the drawing', async () => {
  const { page } = studio
  await go('models')
  studio.answers.set('models.add', () => models[1])
  studio.answers.set('library.addFolder', () => [])
  await rows().getByRole('button').first().focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowUp')
  await page.keyboard.press('Enter')
  await expect
    .poll(() => sent('models.add').at(-1)?.input)
    .toEqual({ path: '/home/mei/ComfyUI/models/checkpoints/anime/水彩-xl.safetensors' })
  const added = () => sent('library.addFolder').map(({ input }) => (input as { path: string }).path)
  await page.getByRole('button', { name: 'Show their 2 folders in the library' }).click()
  await expect.poll(added).toEqual(['/home/mei/stable-diffusion-webui/models/Lora', '/home/mei/stable-diffusion-webui/embeddings'])
  await page.getByRole('button', { name: 'Draw with it: VAE sdxl_vae' }).click()
  await page.getByRole('heading', { name: 'Generate', exact: true }).waitFor()
  await page.locator('form details summary').last().click()
  await expect.poll(() => page.locator('#field-vae').inputValue()).toBe('/home/mei/ComfyUI/models/vae/sdxl_vae.safetensors')
  await page.locator('#field-vae ~ button').click()
  await page.locator('dialog:modal select').selectOption({ label: 'sdxl_vae · ComfyUI' })
  await page.keyboard.press('Escape')
  for (const name of ['models.add', 'library.addFolder']) studio.answers.delete(name)
})

test('where nothing is found, a folder can be named; one that cannot be read is told in the dialog', async () => {
  const { page, answers } = studio
  const none = () => ({ places: [], models: [], at: 1 })
  for (const name of ['models.found', 'models.look']) answers.set(name, none)
  answers.set('models.addPlace', () => {
    throw new PigmentError('file-not-found', 'Cannot read "/none". There is no such file.', { path: '/none' })
  })
  await go('models')
  await page.getByRole('heading', { name: 'No other program’s models found' }).waitFor()
  await page.getByRole('button', { name: 'Name a folder …' }).last().click()
  const dialog = page.locator('dialog:modal')
  await dialog.locator('input').first().fill('/none')
  await dialog.locator('input').first().press('Enter')
  await dialog.getByRole('alert').waitFor()
  await page.keyboard.press('Escape')
  for (const name of ['models.found', 'models.look', 'models.addPlace']) answers.delete(name)
})

test('the start of one who has begun: a run that was stopped goes on, a set trains, and what lies on the disk is told', async () => {
  const { page } = studio
  await go('home')
  const runs = page.getByRole('region', { name: 'Training' })
  await runs.getByText('2 runs keep 636 MB on the disk · Largest: Comic outline, 424 MB').waitFor()
  await runs.getByRole('listitem').filter({ hasText: 'Watercolour' }).getByRole('button', { name: 'Go on' }).click()
  await expect.poll(() => sent('jobs.resume').map(({ input }) => input)).toEqual([{ job: 'old' }])
  await runs.getByRole('button', { name: 'Samples of “Comic outline”, a row for each step' }).click()
  await page.getByRole('dialog').getByRole('img').waitFor()
  await page.keyboard.press('Escape')
  const sets = page.getByRole('region', { name: 'Sets' })
  await sets.getByText('5 without captions').waitFor()
  await sets.getByRole('button', { name: 'Train “Ink studies”' }).click()
  await page.waitForURL(/#\/train\/new/)
})

test('on the shelf one goes into folders and back, and is there again after a reload; words and pictures are used by one press', async () => {
  const { page } = studio
  const shown = () =>
    page
      .locator('main ul [data-adapter]')
      .evaluateAll((all) => all.map((one) => (one as unknown as { dataset: Record<string, string> }).dataset['adapter']))
  await go('adapters')
  const way = page.getByRole('navigation', { name: 'Folder' })
  await way.getByRole('button', { name: /^Lora/ }).press('Enter')
  await way.getByRole('button', { name: /^places/ }).press('Enter')
  await expect.poll(shown).toEqual(['night'])
  await go('adapters')
  await expect.poll(shown).toEqual(['night'])
  expect(await way.getByRole('button').allTextContents()).toEqual(['All folders', 'Lora', 'places'])
  await way.getByRole('button', { name: 'All folders' }).press('Enter')
  await expect.poll(async () => (await shown()).length).toBe(6)

  await page.getByRole('link', { name: /^Black ink/ }).click()
  await page.getByRole('region', { name: 'Drawn with it' }).getByRole('button').nth(1).click()
  await expect.poll(() => sent('library.update').at(-1)?.input).toEqual({ adapter: 'black-ink', cover: 'p2' })
  await page.getByRole('button', { name: 'blackink style, thick brush', exact: true }).click()
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('link', { name: 'Generate' }).click()
  await expect.poll(() => page.getByLabel('Prompt', { exact: true }).inputValue()).toContain('blackink style, thick brush')
  // A picture knows in which adapter's name it may stand.
  await page.getByRole('button', { name: 'Use as cover' }).click()
  await expect.poll(() => sent('library.update').at(-1)?.input).toEqual({ adapter: 'black-ink', cover: 'p0' })
  // One whose picture is none, or has gone, has a blank in its place.
  studio.answers.set('library.list', () => [{ ...fakeCard, cover: 'gone' }])
  await go('adapters')
  await page.locator('[data-adapter=black-ink] > span > svg').waitFor()
  studio.answers.delete('library.list')
})
