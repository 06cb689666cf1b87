// Drawing in the studio: adapters dropped and stacked, settings recalled, a grid, the queue.
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readPngText } from '../../engine/images/png-text.ts'
import { assetPath } from '../../main/commands/asset-path.ts'
import { browserMissing, dropFiles, openStudio, type Studio } from './testing-studio.ts'

const missing = browserMissing()
const root = join(import.meta.dirname, '../..')
let studio: Studio
let folder: string
beforeAll(async () => {
  if (missing) return
  folder = await mkdtemp(join(tmpdir(), 'pigment-drawing-'))
  for (const name of ['ink', 'comic']) await trained(name)
  studio = await openStudio()
}, 300_000)
afterAll(async () => {
  await studio?.close()
  if (folder) await rm(folder, { recursive: true, force: true })
})
beforeEach((context) => {
  if (missing) context.skip(missing)
})

/** A few steps are enough for a file that the library takes. */
async function trained(name: string): Promise<void> {
  const dataset = assetPath(name === 'ink' ? 'samples/black-ink' : 'samples/comic-outline')
  const words = ['train', '--dataset', dataset, '--rank', '4', '--alpha', '4', '--steps', '3', '--batch', '2', '--seed', '1']
  const out = ['--lr', '1e-3', '--device', 'cpu', '--out', join(folder, `${name}.safetensors`), '--json']
  await promisify(execFile)(process.execPath, [join(root, 'main/cli/main.ts'), ...words, ...out])
}
const patient = { timeout: 120_000 }

test('dropped adapters are stacked, weighed, muted, soloed and reordered', { timeout: 240_000 }, async () => {
  const { page } = studio
  await dropFiles(page, [join(folder, 'ink.safetensors'), join(folder, 'comic.safetensors')])
  await page.getByRole('link', { name: /^ink/ }).waitFor(patient)
  await page.getByRole('link', { name: /^comic/ }).waitFor(patient)
  await page.getByRole('link', { name: 'Generate' }).click()
  const add = page.getByLabel('Add an adapter')
  await add.selectOption({ label: 'ink' })
  await add.selectOption({ label: 'comic' })
  const stack = page.getByRole('region', { name: 'Adapter stack' })
  const order = () => stack.locator('article .name p:first-child').allTextContents()
  expect(await order()).toEqual(['ink', 'comic'])
  await page.getByRole('button', { name: 'Move comic up' }).click()
  expect(await order()).toEqual(['comic', 'ink'])
  await page.getByRole('spinbutton', { name: 'Weight of ink' }).fill('0.65')
  await page.getByRole('button', { name: 'Solo ink' }).click()
  const muted = (name: string) => page.getByRole('button', { name: `Mute ${name}` }).getAttribute('aria-pressed')
  expect([await muted('ink'), await muted('comic')]).toEqual(['false', 'true'])

  await page.getByLabel('Prompt', { exact: true }).fill('emoji of (rocket:1.3) <lora:comic:0.4>')
  await page.getByRole('spinbutton', { name: 'Steps' }).fill('6')
  await page.getByLabel('Seed', { exact: true }).fill('4321')
  await page.getByRole('button', { name: 'Generate', exact: true }).click()
  await page
    .getByRole('img', { name: /emoji of \(rocket:1.3\).*seed 4321/ })
    .first()
    .waitFor(patient)
})

test('a picture recalls its settings from the gallery, and from its file when that is dropped', { timeout: 240_000 }, async () => {
  const { page, home } = studio
  const prompt = page.getByLabel('Prompt', { exact: true })
  const change = async (): Promise<void> => {
    await prompt.fill('something else')
    await page.getByRole('spinbutton', { name: 'Steps' }).fill('11')
    await page.getByLabel('Seed', { exact: true }).fill('1')
    await page.getByRole('button', { name: 'Take ink off the stack' }).click()
  }
  const recalled = async (): Promise<void> => {
    await expect.poll(() => prompt.inputValue()).toBe('emoji of (rocket:1.3) <lora:comic:0.4>')
    expect(await page.getByRole('spinbutton', { name: 'Steps' }).inputValue()).toBe('6')
    expect(await page.getByLabel('Seed', { exact: true }).inputValue()).toBe('4321')
    expect(await page.getByRole('spinbutton', { name: 'Weight of ink' }).inputValue()).toBe('0.65')
    expect(await page.getByRole('button', { name: 'Mute comic' }).getAttribute('aria-pressed')).toBe('true')
  }
  await change()
  await page.getByRole('button', { name: 'Recall settings' }).click()
  await recalled()
  await change()
  const files = (await readdir(join(home, 'gallery'), { recursive: true })).filter((name) => name.endsWith('.png'))
  expect(files).toHaveLength(1)
  await dropFiles(page, [join(home, 'gallery', files[0] ?? '')])
  await recalled()
})

test('a grid over steps and seeds becomes one labelled sheet', { timeout: 240_000 }, async () => {
  const { page, home } = studio
  await page.getByRole('button', { name: 'X/Y grid …' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByLabel('Across').selectOption('steps')
  await dialog.getByLabel('Values').first().fill('2, 4')
  await dialog.getByLabel('Values').last().fill('5, 6')
  await dialog.getByText('4 pictures').waitFor()
  await dialog.getByLabel('Values').last().fill('5, x')
  expect(await dialog.getByRole('button', { name: 'Make the grid' }).isDisabled()).toBe(true)
  await dialog.getByLabel('Values').last().fill('5, 6')
  const before = (await readdir(join(home, 'gallery'), { recursive: true })).filter((name) => name.endsWith('.png'))
  await dialog.getByRole('button', { name: 'Make the grid' }).click()
  const fresh = async (): Promise<string[]> =>
    (await readdir(join(home, 'gallery'), { recursive: true })).filter((name) => name.endsWith('.png') && !before.includes(name))
  await expect.poll(async () => (await fresh()).length, patient).toBeGreaterThan(0)
  const sheet = await readFile(join(home, 'gallery', (await fresh())[0] ?? ''))
  // Two columns and two rows of 64 px, and room for their labels.
  expect(sheet.readUInt32BE(16)).toBeGreaterThan(128)
  expect(sheet.readUInt32BE(20)).toBeGreaterThan(128)
  expect(readPngText(sheet, 'sheet.png').length).toBeGreaterThan(0)
})

test('of two jobs in the queue one is called off, the other is made', { timeout: 240_000 }, async () => {
  const { page } = studio
  await page.getByRole('link', { name: 'Jobs' }).click()
  await page.getByRole('button', { name: 'Hold the queue' }).click()
  await page.getByRole('link', { name: 'Generate' }).click()
  for (const name of ['kept', 'called off']) {
    await page.getByLabel('Prompt', { exact: true }).fill(name)
    await page.getByRole('button', { name: 'Generate', exact: true }).click()
  }
  await page.getByRole('link', { name: 'Jobs' }).click()
  const job = (name: string) => page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) })
  await job('called off').getByRole('button', { name: 'Stop' }).click()
  await job('called off').getByText('Stopped').waitFor(patient)
  await page.getByRole('button', { name: 'Let the queue go on' }).click()
  await job('kept').getByText('Done').waitFor(patient)
  expect(studio.complaints).toEqual([])
})
