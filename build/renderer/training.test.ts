// A run in the studio: paused and resumed, followed over a reload of the page, its engine killed.
import { readdir, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { browserMissing, openStudio, type Studio } from './testing-studio.ts'

const missing = browserMissing()
const steps = 90
let studio: Studio
beforeAll(async () => {
  if (!missing) studio = await openStudio()
}, 180_000)
afterAll(() => studio?.close())
beforeEach((context) => {
  if (missing) context.skip(missing)
})

/** The step that the page shows. */
async function step(): Promise<number> {
  const text = await studio.page
    .getByText(new RegExp(`Step \\d+ of ${steps}`))
    .first()
    .textContent()
  return Number(/Step (\d+) of/.exec(text ?? '')?.[1])
}
const state = (name: string) => studio.page.locator('main').getByText(new RegExp(`${name} · Step`))
const patient = { timeout: 90_000 }

test('a run is started, paused, resumed, and found again after a reload, with the whole curve', { timeout: 600_000 }, async () => {
  const { page } = studio
  await page.getByRole('button', { name: 'Train “Black ink”' }).click()
  await page.getByLabel('Steps', { exact: true }).fill(String(steps))
  await page.getByText('Samples', { exact: true }).click()
  await page.getByLabel('Sample every').fill('0')
  await page.getByRole('button', { name: 'Start training' }).click()
  await expect.poll(step, patient).toBeGreaterThan(4)

  await page.getByRole('button', { name: 'Pause', exact: true }).click()
  await state('Paused').waitFor(patient)
  const held = await step()
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await expect.poll(step, patient).toBeGreaterThan(held)

  const curve = page.getByRole('img', { name: /^Loss by step/ })
  const first = /from (\S+) to/.exec((await curve.getAttribute('aria-label')) ?? '')?.[1]
  await page.reload()
  await state('Running').waitFor(patient)
  // The history is there from its first value, and goes on.
  await expect.poll(async () => /from (\S+) to/.exec((await curve.getAttribute('aria-label')) ?? '')?.[1], patient).toBe(first)
  const seen = await step()
  await expect.poll(step, patient).toBeGreaterThan(seen)
  expect(studio.complaints).toEqual([])
})

test('a killed engine leaves a run that says so, and goes on from its checkpoint', { timeout: 600_000 }, async (context) => {
  if (process.platform !== 'linux') context.skip('the engine process is looked up in /proc')
  const { page } = studio
  process.kill(await engineOf(studio), 'SIGKILL')
  await state('Interrupted. Resume.').waitFor(patient)
  await page.getByRole('link', { name: 'Jobs' }).click()
  await page.getByText('Interrupted. Resume?').waitFor(patient)
  await page.getByRole('button', { name: 'Resume', exact: true }).click()
  await page.getByRole('link', { name: 'Train' }).click()
  await page.getByRole('button', { name: 'Use it in Generate' }).click({ timeout: 400_000 })
  expect(studio.complaints).toEqual([])
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
