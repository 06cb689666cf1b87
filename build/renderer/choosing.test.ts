// Pictures and adapters that come in by dialogs and not by a drop: of the browser's machine, and of the host's.
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { assetPath } from '../../main/places/asset-path.ts'
import { writeRandomAdapter } from './testing-random-adapter.ts'
import { patient, useStudio } from './testing-use-studio.ts'

let root: string
let names: string[]
const studio = useStudio(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-choosing-'))
  await mkdir(join(root, 'apart'))
  const from = assetPath('samples/black-ink')
  names = (await readdir(from)).filter((name) => name.endsWith('.png')).slice(0, 4)
  for (const name of names) for (const file of [name, name.replace('.png', '.txt')]) await cp(join(from, file), join(root, 'apart', file))
  await writeRandomAdapter(root, 'ink')
  return {}
})
afterAll(async () => {
  if (root) await rm(root, { recursive: true, force: true })
})

const dialog = () => studio().page.getByRole('dialog')
const button = (name: string) => studio().page.getByRole('button', { name, exact: true })
const heading = (name: string) => studio().page.getByRole('heading', { level: 1, name, exact: true })

test('a set is made of files of the browser, more are added, and it gets another name', async () => {
  const { page, home } = studio()
  await page.getByRole('navigation').getByRole('link', { name: 'Pictures' }).click()
  await button('New set').click()
  const [first, second, ...others] = names.map((name) => join(root, 'apart', name))
  await dialog()
    .getByLabel('Files …')
    .setInputFiles([first ?? '', second ?? ''])
  await dialog().waitFor({ state: 'detached' })
  await page.getByText('0 of 2 captioned').waitFor(patient)

  await button('Add pictures …').click()
  await dialog()
    .getByLabel('Files …')
    .setInputFiles([...others, ...others.map((path) => path.replace('.png', '.txt'))])
  await page.getByText('2 of 4 captioned').waitFor(patient)
  await page.getByLabel('Name', { exact: true }).fill('Chosen')
  await page.getByLabel('Name', { exact: true }).press('Tab')
  await heading('Chosen').waitFor()
  const [folder = ''] = await readdir(join(home, 'datasets'))
  expect((await readdir(join(home, 'datasets', folder))).filter((name) => name.endsWith('.png')).toSorted()).toEqual(names.toSorted())
})

test('a folder of the browser keeps its name; one of the host is worked in or copied', async () => {
  const { page, home } = studio()
  const own = (): Promise<string[]> => readdir(join(home, 'datasets'))
  await button('New set').click()
  await dialog().getByLabel('Folder …').setInputFiles(join(root, 'apart'))
  await heading('apart').waitFor(patient)
  expect(await own()).toContain('apart')

  const before = (await own()).length
  for (const copied of [false, true]) {
    await button('New set').click()
    await dialog().getByLabel('Path on this computer').fill(join(root, 'apart'))
    if (copied) await dialog().getByLabel('Copy the pictures into Pigment').check()
    await dialog().getByRole('button', { name: 'New set' }).click()
    await dialog().waitFor({ state: 'detached' })
    await page.getByText('4 of 4 captioned').waitFor(patient)
    await expect.poll(async () => (await own()).length, patient).toBe(before + Number(copied))
  }
})

test('an adapter of the browser is imported; what is none is told in the dialog', async () => {
  const { page } = studio()
  await page.getByRole('navigation').getByRole('link', { name: 'Adapters' }).click()
  await button('Import …').click()
  await dialog()
    .getByLabel('Files …')
    .setInputFiles({ name: 'no.safetensors', mimeType: '', buffer: Buffer.from('no adapter at all') })
  const refusal = page.getByRole('alert')
  await refusal.waitFor(patient)
  // Where the answer is late the dialog does not wait for it: a card tells it then.
  if ((await dialog().count()) === 0) {
    await refusal.getByRole('button', { name: 'Close' }).click()
    await button('Import …').click()
  }
  await dialog().getByLabel('Files …').setInputFiles(join(root, 'ink.safetensors'))
  await dialog().waitFor({ state: 'detached', ...patient })
  await page.getByRole('complementary', { name: 'ink' }).waitFor(patient)
})
