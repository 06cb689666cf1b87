// A model and a LoRA from a hub of this machine into a studio with its real workers.
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tinyModel, writeDiffusers } from '../../engine/models/testing.ts'
import { startHub, type Stored, type TestHub } from '../fetching/testing-hub.ts'
import { assetPath } from '../places/asset-path.ts'
import { useHost } from '../studio/testing.ts'

let hub: TestHub
const held = { until: Promise.resolve() }
beforeAll(async () => void (hub = await startHub()))
afterAll(() => hub.close())
const studio = useHost('fetch', 'for all', () => ({ network: { ...hub.network, wait: () => held.until } }))
const { api, at } = studio

const state = async (job: string): Promise<string> => (await api.jobs.get({ job })).state
const until = (job: string, wanted: string) => expect.poll(() => state(job), { interval: 10 }).toBe(wanted)
const secret = 'hf_SecretSecretSecret'

async function painter(id: string): Promise<Map<string, Stored>> {
  const folder = at(id.replace('/', '-'))
  await mkdir(folder)
  await writeDiffusers(folder, tinyModel('sd1'))
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const files = await Promise.all(
    names.map(async ({ parentPath, name }) => {
      const path = join(parentPath, name)
      return [path.slice(folder.length + 1).replaceAll('\\', '/'), new Uint8Array(await readFile(path))] as const
    }),
  )
  return hub.repo(id, Object.fromEntries(files))
}

test('nobody is asked for anything before a person presses', async () => {
  await api.app.info()
  const [models, starters] = [await api.models.list(), await api.fetching.starters()]
  await api.library.list()
  await api.tokens.list()
  await api.jobs.list()
  expect(hub.asked).toEqual([])
  expect(starters.length).toBeGreaterThan(4)
  // What each takes follows from its family; a picture of the smaller one fits where the larger does not.
  const of = (id: string) => starters.find((one) => one.id === id)
  expect(of('sd15')?.memoryBytes?.train).toBeGreaterThan(4e9)
  expect(of('sdxl-base')?.memoryBytes?.generate).toBeGreaterThan(of('sd15')?.memoryBytes?.generate ?? Infinity)
  for (const { licence, page } of starters)
    expect([licence.link, licence.sentence, page]).toEqual([
      expect.stringMatching(/^https:/),
      expect.stringMatching(/\.$/),
      expect.any(String),
    ])
  expect(models.map(({ embedded }) => embedded)).toEqual([true])
})

test('a model: told first, fetched once its licence is accepted, then among the models', async () => {
  await painter('some/painter')
  const offer = await api.fetching.offer({ link: 'some/painter' })
  expect(offer).toMatchObject({ title: 'painter', licence: { name: 'CreativeML Open RAIL++-M' }, gated: false, token: false })
  expect(offer.bytes).toBe(offer.files.reduce((sum, { bytes }) => sum + (bytes ?? NaN), 0))
  await expect(api.fetch({ link: 'some/painter' })).rejects.toMatchObject({
    code: 'licence-not-accepted',
    facts: { licence: 'CreativeML Open RAIL++-M' },
  })
  await expect(api.fetch({ link: 'some/painter', accept: true, licence: 'another' })).rejects.toMatchObject({
    code: 'licence-not-accepted',
  })
  expect((await api.jobs.list()).length).toBe(0)
  const job = await api.fetch({ link: 'some/painter', accept: true, licence: offer.licence.name })
  expect(job).toMatchObject({ kind: 'fetch', title: 'painter', counts: 'bytes', steps: offer.bytes })
  await until(job.id, 'done')
  const [card] = (await api.models.list()).filter(({ embedded }) => !embedded)
  expect(card).toMatchObject({ name: 'painter', layout: 'diffusers', path: at('home', 'models', 'painter') })
  expect(JSON.parse(await readFile(at('home', 'models', 'painter.json'), 'utf8'))).toMatchObject({
    notes: expect.stringContaining('Open RAIL++-M') as string,
  })
  expect(await readdir(at('home', 'models', '.fetching'))).toEqual([])
})

test('stopped, the host closed and opened again, it goes on; nothing sees what is not whole', async () => {
  const made = await painter('some/other')
  const unet = [...made].find(([path]) => path.startsWith('unet/') && path.endsWith('.safetensors'))?.[1]
  const wait = Promise.withResolvers<void>()
  held.until = wait.promise
  if (unet) unet.cuts = [1]
  const job = await api.fetch({ link: 'some/other', accept: true })
  await expect.poll(() => unet?.cuts?.length, { interval: 10 }).toBe(0)
  const { size } = await stat(at('home', 'models', '.fetching', job.id))
  expect(size).toBeGreaterThan(0)
  expect((await api.models.list()).length).toBe(2)
  await studio.host.close()
  wait.resolve()
  held.until = Promise.resolve()
  await studio.open()
  expect(await state(job.id)).toBe('interrupted')
  // The same again goes on with it.
  const again = await api.fetch({ link: 'some/other', accept: true })
  expect(again.id).toBe(job.id)
  await until(job.id, 'done')
  expect((await api.models.list()).map(({ name }) => name)).toContain('other')
})

test('given up, it leaves nothing behind', async () => {
  const made = await painter('some/third')
  const unet = [...made].find(([path]) => path.startsWith('unet/') && path.endsWith('.safetensors'))?.[1]
  if (unet) unet.cuts = [1]
  held.until = new Promise(() => undefined)
  const job = await api.fetch({ link: 'some/third', accept: true })
  await expect.poll(() => unet?.cuts?.length, { interval: 10 }).toBe(0)
  await api.jobs.cancel({ job: job.id })
  await until(job.id, 'cancelled')
  held.until = Promise.resolve()
  expect(await readdir(at('home', 'models', '.fetching'))).toEqual([])
  expect((await readdir(at('home', 'models'))).sort()).toEqual(['.fetching', 'other', 'other.json', 'painter', 'painter.json'])
})

test('a LoRA by a link: in the library, with what its page says of it', async () => {
  const folder = assetPath('adapters')
  const name = (await readdir(folder)).find((one) => one.endsWith('.safetensors')) ?? ''
  const bytes = new Uint8Array(await readFile(join(folder, name)))
  hub.repo('some/ink', { 'pytorch_lora_weights.safetensors': bytes }, { cardData: { license: 'mit', instance_prompt: 'in ink' } })
  const job = await api.fetch({ link: `${hub.hub}/some/ink/resolve/main/pytorch_lora_weights.safetensors`, accept: true })
  await until(job.id, 'done')
  const card = (await api.library.list()).find(({ name: called }) => called === 'ink')
  const { beside } = await api.library.get({ adapter: card?.id ?? '' })
  expect([beside.words, beside.notes]).toEqual([['in ink'], expect.stringContaining('MIT')])
  // One that ships is the same.
  const told = (await api.jobs.get({ job: job.id })).log.find(({ code }) => code === 'adapter-twin')
  expect(told).toMatchObject({ level: 'warning', facts: { title: card?.title, name: name.replace('.safetensors', '') } })
})

test('what is no model and no adapter is told, and stays out', async () => {
  hub.repo('some/text', { 'notes.safetensors': new TextEncoder().encode('x'.repeat(400)) })
  const job = await api.fetch({ link: 'some/text', accept: true })
  await until(job.id, 'failed')
  expect((await api.jobs.get({ job: job.id })).error?.code).toMatch(/^safetensors-|^file-/)
  expect(await readdir(at('home', 'models'))).not.toContain('notes.safetensors')
})

test('a token stands in no answer, no list and no log', async () => {
  expect(await api.tokens.set({ site: 'hugging-face', token: secret })).toEqual({ site: 'hugging-face', by: 'file' })
  await expect(api.tokens.set({ site: 'elsewhere', token: secret })).rejects.toMatchObject({ code: 'token-site' })
  await expect(api.tokens.set({ site: 'civitai', token: 'two words\nand a line' })).rejects.toMatchObject({ code: 'token-invalid' })
  expect((await api.tokens.list()).map(({ site, kept }) => [site, kept])).toEqual([
    ['hugging-face', 'file'],
    ['civitai', null],
  ])
  const file = at('home', 'tokens.json')
  if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600)
  await api.tokens.forget({ site: 'hugging-face' })
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  const texts = await Promise.all(
    (await readdir(at('home'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile() && /\.jsonl?$/.test(entry.name))
      .map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')),
  )
  expect(texts.join('')).not.toContain(secret)
})
