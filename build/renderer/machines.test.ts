// Settings' cards of what computes: NVIDIA's cards, installed from a folder or fetched, and other machines, with what Train and Jobs show of them.
import { mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { installCuda } from '../../engine/cuda/install.ts'
import { cudaState } from '../../engine/cuda/look.ts'
import { elf, nvidia, provider, wheel } from '../../engine/cuda/testing-libraries.ts'
import { FakeMachine } from '../../engine/cuda/testing-machine.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { JobElsewhere, JobSummary } from '../../main/api/methods/jobs.ts'
import { settings } from '../../main/api/methods/settings.ts'
import { fakeJobs } from './fake/jobs.ts'
import { openFakeStudio, type FakeStudio } from './testing-fake-studio.ts'
import { browserMissing } from './testing-studio.ts'

const missing = browserMissing()
let studio: FakeStudio
let machine: FakeMachine
beforeAll(async () => {
  if (missing) return
  studio = await openFakeStudio()
  machine = await FakeMachine.make()
  await machine.card()
  await mkdir(machine.at('have'))
})
afterAll(async () => {
  await studio?.close()
  await machine?.[Symbol.asyncDispose]()
})
beforeEach((context) => {
  if (missing) return context.skip(missing)
  studio.answers.clear()
})

const page = () => studio.page
async function go(address: string): Promise<void> {
  await page().goto(`${new URL(page().url()).origin}/#/${address}`)
  await page().reload()
  await page().locator('main h1').first().waitFor()
}
const inputs = (method: string): unknown[] => studio.calls.filter((call) => call.method === method).map(({ input }) => input)
const card = (title: string) =>
  page()
    .locator('section')
    .filter({ has: page().getByRole('heading', { name: title, exact: true }) })
const bar = () => page().getByRole('progressbar', { name: 'Downloading CUDA’s libraries …' })
const alert = (text: RegExp) => page().getByRole('alert').filter({ hasText: text })

test('CUDA from a folder: a refusal says why in the dialog, and what is installed makes the card whole', async () => {
  studio.answers.set('cuda.state', () => cudaState(machine.look()))
  studio.answers.set('cuda.install', async (input) => {
    const { from, task } = input as { from: { path: string }; task: string }
    const progress = (done: number, total: number): void => studio.announce('task', { task, done, total, what: 'unpacking' })
    const { files, passedOver } = await installCuda({
      ...{ ...machine.look(), from: [from.path], progress },
      signal: new AbortController().signal,
    })
    return { files, passedOver, state: await cudaState(machine.look()) }
  })
  await go('settings')
  const cuda = card('NVIDIA cards (CUDA)')
  await cuda.getByText(/GeForce RTX 3060, compute capability 8\.6/).waitFor()
  // What is missing, in a sentence each.
  await cuda.getByRole('listitem').first().waitFor()
  expect(await cuda.getByText('Everything that CUDA needs is here.').count()).toBe(0)
  await cuda.getByRole('button', { name: /^Install from a folder/ }).click()
  const dialog = page().getByRole('dialog')
  await dialog.getByText(/of version 1\.30\.0/).waitFor()
  await dialog.getByRole('textbox').first().fill(machine.at('have'))
  await dialog.getByRole('button', { name: 'Install from a folder' }).click()
  // Nothing in it: the dialog stays, for another folder.
  await dialog.getByRole('alert').waitFor()
  expect(await dialog.getByRole('alert').textContent()).toMatch(/onnxruntime-gpu/)

  const capi = 'onnxruntime/capi/libonnxruntime_providers'
  const ours = { [`${capi}_cuda.so`]: provider('1.30.0'), [`${capi}_shared.so`]: elf({ soname: 'libonnxruntime_providers_shared.so' }) }
  await machine.write('have/onnxruntime_gpu-1.30.0-cp311-cp311-manylinux_2_28_x86_64.whl', wheel('onnxruntime-gpu', '1.30.0', ours))
  const theirs = Object.fromEntries(Object.entries(nvidia).map(([name, bytes]) => [`nvidia/cu13/lib/${name}`, bytes]))
  await machine.write('have/nvidia_all-13.0.1-py3-none-any.whl', wheel('nvidia-all', '13.0.1', theirs))
  await dialog.getByRole('button', { name: 'Install from a folder' }).click()
  await dialog.waitFor({ state: 'detached' })
  await cuda.getByText('Everything that CUDA needs is here.').waitFor()
  expect(await cuda.getByRole('button', { name: /^Download/ }).count()).toBe(0)
})

test('CUDA fetched: nothing before the licences are accepted; how far it is, and what the network had against it', async () => {
  let end: (refused: boolean) => void = () => undefined
  studio.answers.set('cuda.fetch', async (input) => {
    const { task } = input as { task: string }
    const refused = new Promise<boolean>((done) => (end = done))
    await expect.poll(() => (studio.announce('task', { task, done: 3, total: 4, what: 'CUDA 13' }), bar().count())).toBe(1)
    if (await refused) throw new PigmentError('fetch-refused', 'pypi.org answered 403 to nvidia-cublas: try again later.', {})
    return cudaState(machine.look())
  })
  await go('settings')
  const cuda = card('NVIDIA cards (CUDA)')
  await cuda.getByRole('button', { name: /^Download/ }).click()
  const dialog = page().getByRole('dialog')
  await dialog.getByText(/NVIDIA CUDA Toolkit EULA/).waitFor()
  await dialog.getByText('1.1 GB').waitFor()
  expect(inputs('cuda.fetch')).toEqual([])
  await dialog.getByRole('button', { name: 'Accept the licences and download' }).click()
  await expect.poll(() => bar().getAttribute('value')).toBe('0.75')
  expect(inputs('cuda.fetch')).toEqual([{ accept: true, task: expect.any(String) }])
  end(true)
  await alert(/answered 403/).waitFor()
  expect(await bar().count()).toBe(0)
})

test('other machines: the queue is named and tried in Settings, and its password is not shown again', async () => {
  await go('settings')
  const others = card('Other machines')
  await others.getByLabel('Address of the queue').fill('redis://192.168.1.20:6379')
  await others.getByLabel('Password of the queue').fill('secret')
  await others.getByLabel(/^Store/).fill('/mnt/shared')
  await others.getByRole('button', { name: 'Keep' }).click()
  await others.getByText('Password kept by the system’s keychain').waitFor()
  expect(inputs('workers.set').at(-1)).toEqual({ address: 'redis://192.168.1.20:6379', password: 'secret', store: '/mnt/shared' })
  expect(await others.getByLabel('Password of the queue').count()).toBe(0)
  const problem = new PigmentError('store-read-only', 'Nothing can be written into /mnt/shared: the disk is read-only.', {}).record()
  studio.answers.set('workers.look', () => ({ workers: null, problem }))
  await others.getByRole('button', { name: 'Try it' }).click()
  await others
    .getByRole('alert')
    .filter({ hasText: /Nothing can be written/ })
    .waitFor()
  studio.answers.clear()
  await others.getByRole('button', { name: 'Try it' }).click()
  await others.getByRole('status').filter({ hasText: '2 workers listen: card-0, card-1' }).waitFor()
})

test('other machines: a run goes there where that is chosen, and Jobs tell who has it, and that the queue is away', async () => {
  await go('train')
  await page().getByRole('button', { name: 'New run' }).click()
  await page().getByRole('button', { name: 'Start training' }).waitFor()
  expect(await page().getByLabel('Run on').count()).toBe(0)
  let now = settings.parse({ language: 'en', welcomed: true, queueAddress: 'redis://192.168.1.20:6379' })
  studio.answers.set('settings.get', () => now)
  studio.answers.set('settings.set', (change) => (now = settings.parse({ ...now, ...(change as object) })))
  await go('train')
  await page().getByRole('button', { name: 'New run' }).click()
  await page().getByLabel('Run on').selectOption('other machines')
  await expect.poll(() => now.runOn).toBe('workers')

  const queue = 'redis://192.168.1.20:6379'
  const [run, ...rest] = fakeJobs as [JobSummary, ...JobSummary[]]
  let elsewhere: JobElsewhere = { queue, worker: null, away: false }
  studio.answers.set('jobs.list', () => [{ ...run, elsewhere }, ...rest])
  await go('jobs')
  const row = page().getByRole('listitem').filter({ hasText: 'Black ink' })
  await row.getByText(/Waits for a worker/).waitFor()
  const told = async (change: Partial<JobElsewhere>, words: RegExp): Promise<void> => {
    elsewhere = { ...elsewhere, ...change }
    studio.announce('jobs', { job: { ...run, elsewhere } })
    await row.getByText(words).waitFor()
  }
  await told({ worker: 'card-0' }, /on card-0/)
  await told({ away: true }, /The queue does not answer/)
  await told({ away: false }, /on card-0/)
  await row.getByRole('button', { name: 'Pause' }).click()
  expect(inputs('jobs.pause')).toEqual([{ job: run.id }])
})
