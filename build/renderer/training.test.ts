// A run in the studio: paused and resumed, followed over a reload of the page, its engine killed, stopped.
import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { picturesLoaded, type Studio } from './testing-studio.ts'
import { patient, useStudio } from './testing-use-studio.ts'

const studio = useStudio()
const steps = 80
const status = () =>
  studio()
    .page.locator('main')
    .getByText(/ · Step \d+ of \d+/)
/** The step that the page shows. */
const step = async (): Promise<number> => Number(/Step (\d+) of/.exec((await status().textContent()) ?? '')?.[1])
const state = (name: string) =>
  studio()
    .page.locator('main')
    .getByText(new RegExp(`^\\s*${name} · Step`))
const button = (name: string) => studio().page.locator('main').getByRole('button', { name, exact: true })
/** How many steps the curve of the loss shows. */
async function points(): Promise<number> {
  const label = await studio()
    .page.getByRole('img', { name: /^Loss by step/ })
    .getAttribute('aria-label')
  return Number(/(\d+) values?,/.exec(label ?? '')?.[1] ?? (label?.includes('one value') ? 1 : NaN))
}
/** The curve has a value for each step that was made, no more and no less. */
const whole = () => expect.poll(async () => (await points()) - (await step()), patient).toBe(0)
const samples = () => studio().page.getByRole('region', { name: 'Samples' }).getByRole('img')

test('a run is started, sampled, paused, resumed, and found again after a reload, with the whole curve', async () => {
  const { page } = studio()
  await page.getByRole('button', { name: 'Train “Black ink”' }).click()
  await page.getByRole('radio', { name: /Quick look/ }).check()
  await page.getByLabel('Steps', { exact: true }).fill(String(steps))
  await page.getByRole('tab', { name: 'Samples' }).click()
  await page.getByLabel('Prompts').fill('blackink style emoji of rocket')
  await page.getByLabel('Sample every').fill('0')
  await page.getByRole('button', { name: 'Start training' }).click()
  await expect.poll(step, patient).toBeGreaterThan(2)
  expect(await samples().count()).toBe(0)
  await button('Sample now').click()
  await samples().waitFor(patient)
  await expect.poll(() => samples().evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBe(64)

  await button('Pause').click()
  await state('Paused').waitFor(patient)
  const held = await step()
  await page
    .locator('main')
    .getByText(/ · model stays loaded$/)
    .waitFor()
  // Drawn with as it is, and gone on with.
  await button('Draw with it').click()
  await page.getByRole('spinbutton', { name: `Weight of Run Black ink, step ${held} (paused)` }).waitFor(patient)
  await page.getByLabel('Prompt', { exact: true }).fill('blackink style emoji of rocket')
  await button('Generate').click()
  await page
    .locator('figure')
    .getByRole('img', { name: /^Picture for.*rocket/ })
    .waitFor(patient)
  await page.getByRole('navigation').getByRole('link', { name: 'Train' }).click()
  await page
    .locator('main')
    .getByText(/ · model stays loaded$/)
    .waitFor(patient)
  await button('Resume').click()
  await expect.poll(step, patient).toBeGreaterThan(held)
  await whole()

  const seen = await points()
  await page.reload()
  await state('Running').waitFor(patient)
  await whole()
  expect(await points()).toBeGreaterThanOrEqual(seen)
  await expect.poll(() => samples().count()).toBe(1)
  const before = await step()
  await expect.poll(step, patient).toBeGreaterThan(before)
})

test('a killed engine leaves a run that says so, and goes on from its checkpoint to its end', async (context) => {
  if (process.platform !== 'linux') context.skip('the engine process is looked up in /proc')
  const { page } = studio()
  await expect.poll(step, patient).toBeGreaterThan(12)
  process.kill(await engineOf(studio()), 'SIGKILL')
  await state('Interrupted\\. Resume\\?').waitFor(patient)
  await page
    .getByRole('alert')
    .getByText(/The process that computes ended/)
    .first()
    .waitFor(patient)
  await page.getByRole('navigation').getByRole('link', { name: 'Jobs' }).click()
  // The screen that is left says it twice.
  await page.getByRole('heading', { name: 'Jobs', exact: true }).waitFor(patient)
  await page.getByText('Interrupted. Resume?').waitFor(patient)
  await page.getByRole('navigation').getByRole('link', { name: 'Train' }).click()
  await button('Resume').click()
  await button('Use it in Generate').waitFor({ timeout: 400_000 })
  await expect.poll(() => page.getByRole('alert').count()).toBe(0)
  await expect.poll(async () => [await step(), await points()]).toEqual([steps, steps])
  await button('Use it in Generate').click()
  await page.getByRole('spinbutton', { name: 'Weight of Black ink' }).waitFor()
})

test('a stopped run stays stopped, and can be taken up again', async () => {
  const { page } = studio()
  await page.getByRole('navigation').getByRole('link', { name: 'Train' }).click()
  await page.getByLabel('Name of the style').fill('Stopped')
  await page.getByRole('button', { name: 'Start training' }).click()
  await page.getByRole('heading', { name: 'Stopped' }).waitFor(patient)
  await expect.poll(step, patient).toBeGreaterThan(1)
  await button('Stop').click()
  await state('Stopped').waitFor(patient)
  const ended = await step()
  expect(ended).toBeLessThan(steps)
  expect(await button('Use it in Generate').count()).toBe(0)
  await page.getByText('Nothing is running').waitFor()
  await button('Resume').waitFor()
  expect(await step()).toBe(ended)
})

test('another run is laid over a run, and a finished one is gone on with', async () => {
  const { page } = studio()
  const drawn = (): Promise<string> =>
    page.locator('.loss canvas').evaluate((canvas) => (canvas as unknown as { toDataURL(): string }).toDataURL())
  const alone = await drawn()
  await page.getByLabel('Compare with').selectOption({ label: 'Black ink' })
  await expect.poll(drawn, patient).not.toBe(alone)
  await page.getByLabel('Compare with').selectOption({ index: 0 })
  await expect.poll(drawn, patient).toBe(alone)

  await page.getByLabel('Runs').selectOption({ label: 'Black ink · Done' })
  await button('Continue this run').click()
  await page.getByText('Goes on from where “Black ink” ended').waitFor()
  await expect.poll(() => page.getByLabel('Steps', { exact: true }).inputValue()).toBe(String(steps))
  await page.getByLabel('Steps', { exact: true }).fill('4')
  await page.getByLabel('Steps', { exact: true }).press('Tab')
  const every = page.getByLabel('Sample every')
  await page.getByRole('tab', { name: 'Samples' }).click()
  await every.fill('2')
  await every.press('Tab')
  await page.getByRole('button', { name: 'Start training' }).click()
  await state('Done').waitFor({ timeout: 240_000 })
  await expect.poll(step, patient).toBe(4)
})

test('before and after are compared by mouse and by keys alone, and the step by a scrubber', async () => {
  const { page } = studio()
  const before = page.getByRole('region', { name: 'Before and after' })
  const slider = before.getByRole('slider', { name: 'Before and after' })
  const pictures = before.getByRole('img')
  await slider.waitFor(patient)
  const compared = (): Promise<(string | undefined)[]> =>
    pictures.evaluateAll((all) => (all as unknown as { alt: string }[]).map(({ alt }) => /\((\d+)\)$/.exec(alt)?.[1]))
  // Step 0 is the model without the adapter.
  await expect.poll(compared, patient).toEqual(['0', '4'])
  const styleOf = (name: string): Promise<string> =>
    pictures.last().evaluate((image, wanted) => {
      const page = globalThis as unknown as { getComputedStyle(of: unknown): Readonly<Record<string, string>> }
      return page.getComputedStyle(image)[wanted] ?? ''
    }, name)
  // How much of the later picture is cut away from the left, in percent.
  const cut = async (): Promise<number> => Number(/([\d.]+)%?\)/.exec(await styleOf('clipPath'))?.[1] ?? NaN)
  const line = (): Promise<string> => before.locator('.line').evaluate((at) => (at as unknown as { style: { left: string } }).style.left)
  expect([await cut(), await line()]).toEqual([50, '50%'])
  await slider.focus()
  await page.keyboard.press('Home')
  expect([await cut(), await line()]).toEqual([100, '100%'])
  await page.keyboard.press('ArrowRight')
  expect(await cut()).toBe(99)
  await page.keyboard.press('End')
  expect(await cut()).toBe(0)
  // Pictures that come move what is below them, also between a look and a click.
  const clicked = async (): Promise<number> => {
    const box = (await slider.boundingBox())!
    await page.mouse.click(box.x + box.width * 0.25, box.y + box.height / 2)
    return Math.abs((await cut()) - 75)
  }
  await expect.poll(() => picturesLoaded(page)).toBe(true)
  await expect.poll(clicked).toBeLessThan(3)

  // Tab leads back from the slider to the ways of comparing; arrows choose among them.
  await page.keyboard.press('Shift+Tab')
  await page.keyboard.press('ArrowRight')
  expect(await before.getByRole('radio', { name: 'Side by side' }).isChecked()).toBe(true)
  expect([await slider.count(), await pictures.count()]).toEqual([0, 2])
  const [left, right] = [await pictures.first().boundingBox(), await pictures.last().boundingBox()]
  expect((right?.x ?? 0) >= (left?.x ?? 0) + (left?.width ?? 0)).toBe(true)
  await page.keyboard.press('ArrowRight')
  expect(await before.getByRole('radio', { name: 'Difference' }).isChecked()).toBe(true)
  expect(await styleOf('mixBlendMode')).toBe('difference')

  const scrubber = page.getByRole('slider', { name: 'Samples at step' })
  await scrubber.focus()
  expect(await scrubber.getAttribute('aria-valuetext')).toBe('4')
  await page.keyboard.press('ArrowLeft')
  expect(await scrubber.getAttribute('aria-valuetext')).toBe('2')
  await expect.poll(compared).toEqual(['0', '2'])
  await page.keyboard.press('Home')
  // The first is not compared with itself.
  await before.waitFor({ state: 'detached' })
  await page.keyboard.press('End')
  await before.waitFor()
})

test('a step on the way is chosen by its samples and goes into the library; its run is renamed, deleted and brought back, by keys', async () => {
  const { page } = studio()
  const scrubber = page.getByRole('slider', { name: 'Samples at step' })
  await scrubber.focus()
  await page.keyboard.press('ArrowLeft')
  await button('Keep step 2').press('Enter')
  await page.getByText('Step 2 is in the library').waitFor(patient)
  await button('Rename this run').press('Enter')
  await page.keyboard.type('Shaded ink')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Shaded ink' }).waitFor()
  await button('Delete this run').press('Enter')
  await page.getByText('“Shaded ink” is in the trash').waitFor()
  await page.getByRole('heading', { name: 'What is learnt' }).waitFor()
  await page.getByRole('button', { name: 'Undo' }).press('Enter')
  await page.getByRole('heading', { name: 'Shaded ink' }).waitFor(patient)
  await samples().first().waitFor(patient)
  await button('Duplicate settings').press('Enter')
  await expect.poll(() => page.getByLabel('Steps', { exact: true }).inputValue()).toBe('4')
  await page.getByRole('navigation').getByRole('link', { name: 'Adapters' }).click()
  await page.getByRole('link', { name: /Black ink · 2/ }).waitFor(patient)
})

/** The worker of the studio that computes. */
async function engineOf({ process: parent }: Studio): Promise<number> {
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const [stat, line] = await Promise.all(['stat', 'cmdline'].map((file) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '')))
    const owner = Number(stat?.slice(stat.lastIndexOf(')') + 4).split(' ')[0])
    const words = line?.split('\0') ?? []
    if (owner === parent.pid && words.includes('engine') && words.some((word) => word.includes('worker'))) return Number(name)
  }
  throw new Error('The studio has no engine process.')
}
