// One suite over both transports: what a page is promised holds in the window and in the browser.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket as NodeSocket } from 'ws'
import { encodePng } from '../../engine/images/write-png.ts'
import { bridgeTransport, type Bridge } from '../api/bridge-transport.ts'
import { httpTransport } from '../api/http-transport.ts'
import { createApi } from '../api/calls.ts'
import type { Commands } from '../commands/index.ts'
import type { StudioApi } from '../host/host-api.ts'
import type { Envelope, Reply } from '../api/transport.ts'
import { startServer } from '../server/server.ts'
import { openHost, type StudioHost } from '../host/host.ts'
import { forkWorkers } from '../processes/fork-worker.ts'
import { channels } from './channels.ts'
import { serveIpc } from './serve-ipc.ts'
import { fakeElectron } from './testing-fake.ts'

const worker = fileURLToPath(new URL('../worker.ts', import.meta.url))
const bearer = 'c'.repeat(43)

interface Opened {
  readonly api: StudioApi
  readonly fetchMedia: (media: string, side?: number) => Promise<Response>
  readonly close: () => Promise<void>
}

async function overHttp(host: StudioHost): Promise<Opened> {
  const server = await startServer({ host, files: new Map(), bearer })
  const headers = { authorization: `Bearer ${bearer}` }
  const socket = (url: string): WebSocket => new NodeSocket(url, { headers }) as unknown as WebSocket
  const transport = httpTransport({ origin: server.origin, headers, socket })
  const api = createApi<Commands>(transport)
  return {
    api,
    fetchMedia: (media, side) => fetch(api.media(media, side), { headers }),
    async close() {
      transport.close()
      await server.close()
    },
  }
}

/** The window's way, with every message copied as Electron copies it. */
function overBridge(host: StudioHost): Promise<Opened> {
  const fake = fakeElectron(worker)
  let hear: (envelope: Envelope) => void = () => undefined
  const window = {
    isDestroyed: () => false,
    webContents: { send: (_channel: string, payload: Envelope) => hear(structuredClone(payload)) },
  }
  const stop = serveIpc(fake.electron, host, () => [window as never])
  const bridge: Bridge = {
    invoke: (method, input) => fake.invoke(channels.invoke, [method, input]) as Promise<Reply>,
    listen: (listener) => void (hear = listener),
    drop: async (files) => {
      const handed = await Promise.all(
        files.map(async ({ path, blob }) => ({ path, file: '', bytes: new Uint8Array(await blob.arrayBuffer()) })),
      )
      return (await fake.invoke(channels.drop, [handed])) as Reply
    },
  }
  const api = createApi<Commands>(bridgeTransport(bridge))
  return Promise.resolve({
    api,
    fetchMedia: (media, side) => {
      const url = new URL(api.media(media, side))
      return host.media(url.pathname.slice(1), Number(url.searchParams.get('side') ?? 0))
    },
    close: () => (stop(), Promise.resolve()),
  })
}

describe.each([
  ['the loopback server', overHttp],
  ['the window', overBridge],
] as const)('over %s', (_name, open) => {
  let root: string
  let host: StudioHost
  let opened: Opened
  let api: StudioApi
  let png: Uint8Array

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'pigment-contract-'))
    host = await openHost({ folder: join(root, 'home'), launch: forkWorkers(worker) })
    opened = await open(host)
    api = opened.api
    png = await encodePng({ width: 96, height: 64, data: new Uint8Array(96 * 64 * 3).fill(90) })
  })
  afterAll(async () => {
    await opened.close()
    await host.close()
    await rm(root, { recursive: true, force: true })
  })

  test('what is there at first', async () => {
    expect(await api.app.info()).toMatchObject({ version: '0.1.0', firstRun: true })
    expect((await api.models.list()).map(({ id }) => id)).toEqual(['embedded'])
    expect((await api.datasets.list()).map(({ id, sample }) => [id, sample])).toEqual([
      ['sample-black-ink', true],
      ['sample-comic-outline', true],
    ])
    expect((await api.training.options()).fields.find(({ key }) => key === 'rank')).toMatchObject({
      kind: 'integer',
      default: 16,
      min: 1,
      level: 'basic',
    })
  })

  test('errors come as what they are: code, facts and sentence', async () => {
    await expect(api.datasets.get({ dataset: 'none' })).rejects.toMatchObject({
      name: 'PigmentError',
      code: 'dataset-unknown',
      facts: { dataset: 'none' },
    })
    await expect(api.datasets.items({ dataset: 'x', limit: 100_000 })).rejects.toMatchObject({ code: 'input-invalid' })
    await expect(api.datasets.get({ dataset: 'x', more: 1 } as never)).rejects.toMatchObject({ code: 'input-invalid' })
  })

  test('settings change, are announced, and come back after a reset', async () => {
    const heard: Envelope<'settings'>[] = []
    const stop = api.subscribe('settings', (envelope) => void heard.push(envelope))
    await connected(api)
    expect((await api.settings.set({ language: 'zh', threads: 1, device: 'cpu' })).language).toBe('zh')
    await expect.poll(() => heard.at(-1)?.payload.settings.language).toBe('zh')
    stop()
    // One that is changed alone leaves the others as they are.
    expect(await api.settings.set({ theme: 'dark' })).toMatchObject({ language: 'zh', threads: 1, device: 'cpu', theme: 'dark' })
    expect((await api.settings.reset({ fields: ['language'] })).language).toBe('system')
    expect((await api.settings.get()).threads).toBe(1)
  })

  test('dropped pictures become a data set; captions are edited, in conflict refused, and taken back', async () => {
    const files = ['苔藓 🌿.png', '10_moss/b.png'].map((path) => ({ path, blob: new Blob([png as Uint8Array<ArrayBuffer>]) }))
    const drop = await api.drop([...files, { path: '10_moss/b.txt', blob: new Blob(['moss, green']) }])
    const made = await api.datasets.create({ name: 'Moss', from: { drop } })
    expect(made).toMatchObject({
      pictures: 2,
      captioned: 1,
      sample: false,
      folders: [
        { path: '', pictures: 1 },
        { path: '10_moss', repeats: 10 },
      ],
    })
    const { items } = await api.datasets.items({ dataset: made.id })
    const [b, a] = items
    expect([b?.path, b?.caption, a?.path, a?.flags.includes('no-caption')]).toEqual(['10_moss/b.png', 'moss, green', '苔藓 🌿.png', true])

    const item = b?.id ?? ''
    const first = await api.datasets.setCaption({ dataset: made.id, item, caption: 'fern', version: b?.version ?? '' })
    expect(first.caption).toBe('fern')
    await expect(api.datasets.setCaption({ dataset: made.id, item, caption: 'mine', version: b?.version ?? '' })).rejects.toMatchObject({
      code: 'caption-conflict',
      facts: { theirs: 'fern', mine: 'mine', version: first.version },
    })
    const undone = await api.datasets.undo({ dataset: made.id })
    expect([undone.undo, undone.redo]).toEqual([null, '10_moss/b.png'])
    expect(await api.datasets.tags({ dataset: made.id })).toEqual([
      { tag: 'green', count: 1 },
      { tag: 'moss', count: 1 },
    ])
  })

  test('pictures come by name: whole, as thumbnails, and never by anything else', async () => {
    const [set] = await api.datasets.list()
    const { items } = await api.datasets.items({ dataset: set?.id ?? '' })
    const whole = await opened.fetchMedia(items[0]?.media ?? '')
    expect([whole.status, whole.headers.get('content-type'), whole.headers.get('x-content-type-options')]).toEqual([
      200,
      'image/png',
      'nosniff',
    ])
    const small = await opened.fetchMedia(items[0]?.media ?? '', 64)
    expect([small.status, small.headers.get('content-type')]).toEqual([200, 'image/webp'])
    expect((await opened.fetchMedia('nothing')).status).toBe(404)
  })

  test('a change from outside is seen and told', async () => {
    const [set] = (await api.datasets.list()).filter(({ sample }) => !sample)
    const heard: string[] = []
    const stop = api.subscribe('datasets', ({ payload: { dataset, items: changed } }) => {
      if (dataset.id === set?.id) heard.push(...(changed === 'all' ? ['all'] : changed))
    })
    const { items } = await api.datasets.items({ dataset: set?.id ?? '' })
    await writeFile(join(set?.path ?? '', '10_moss', 'b.txt'), 'outside\n')
    await expect.poll(() => heard.includes(items[0]?.id ?? '?') || heard.includes('all')).toBe(true)
    stop()
    expect((await api.datasets.items({ dataset: set?.id ?? '' })).items[0]?.caption).toBe('outside')
  })

  test('many files come in side by side and their progress adds up; one that is refused ends them with its reason', async () => {
    const files = Array.from({ length: 12 }, (_, i) => ({ path: `${i}.png`, blob: new Blob([png as Uint8Array<ArrayBuffer>]) }))
    const told: [number, number][] = []
    const drop = await api.drop(files, (sent, total) => void told.push([sent, total]))
    const made = await api.datasets.create({ name: 'Many', from: { drop } })
    expect(made.pictures).toBe(12)
    const total = 12 * png.length
    expect(told.at(-1)).toEqual([total, total])
    expect(told.map(([sent]) => sent)).toEqual(told.map(([sent]) => sent).toSorted((x, y) => x - y))
    const refused = [...files.slice(0, 5), { path: '../out.png', blob: new Blob([png as Uint8Array<ArrayBuffer>]) }, ...files.slice(5)]
    await expect(api.drop(refused)).rejects.toMatchObject({ code: 'path-refused' })
  })
})

/** Events before the channel stands are missed. */
function connected(api: StudioApi): Promise<void> {
  return new Promise((done) => {
    api.connection((state) => state === 'connected' && done())
  })
}
