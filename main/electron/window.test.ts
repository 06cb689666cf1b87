// The main process over the fake: what it forbids, what it serves, and in which order it starts.
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pigment, records } from '../cli/testing.ts'
import { ask } from '../server/testing.ts'
import { Tokens } from '../stores/tokens.ts'
import { findDoor } from '../stores/door.ts'
import type { StudioHost } from '../host/host.ts'
import { channels } from './channels.ts'
import { adaptersAmong } from './opened-files.ts'
import { topOf } from './serve-ipc.ts'
import { startWindowApp } from './start.ts'
import { fakeElectron } from './testing-fake.ts'
import { windowShell } from './window-shell.ts'

const fake = fakeElectron(fileURLToPath(new URL('../worker.ts', import.meta.url)))
const shipped = fileURLToPath(new URL('../../assets/adapters', import.meta.url))
let root: string
let host: StudioHost | undefined

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pigment-window-'))
  await mkdir(join(root, 'pages'))
  await writeFile(join(root, 'pages', 'index.html'), '<!doctype html>')
  process.env.PIGMENT_HOME = join(root, 'home')
  const starting = startWindowApp(fake.electron, {
    worker: join(root, 'worker.mjs'),
    preload: join(root, 'preload.cjs'),
    pages: join(root, 'pages'),
  })
  fake.app.emit('open-file', { preventDefault: () => undefined }, '/early.safetensors')
  host = await starting
})
afterAll(async () => {
  await host?.close()
  delete process.env.PIGMENT_HOME
  await rm(root, { recursive: true, force: true })
})

test('the sandbox and the schemes come before the app is ready; no scheme may pass by the policy', () => {
  const ready = fake.calls.indexOf('app.whenReady')
  expect(fake.calls.slice(0, ready)).toEqual([
    'app.enableSandbox',
    `protocol.registerSchemesAsPrivileged ${JSON.stringify([
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
      { scheme: 'media', privileges: { standard: true, secure: true, stream: true } },
    ])}`,
    'app.requestSingleInstanceLock',
  ])
})

test('the window is sandboxed, isolated and without Node, and shows our origin', () => {
  const [window] = fake.windows
  expect(window?.options.webPreferences).toEqual({
    preload: join(root, 'preload.cjs'),
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
  })
  expect(window?.url).toBe('app://studio/')
})

test('no request leaves the machine', () => {
  const [ours, others] = [
    ['app://studio/', 'media://studio/x', 'blob:app://studio/1', 'data:text/plain,x'],
    ['https://evil.example/', 'http://127.0.0.1/', 'ws://evil.example/', 'file:///etc/passwd', 'ftp://x/', 'nonsense', ''],
  ]
  expect(ours.filter((url) => !fake.lets(url))).toEqual([])
  expect(others.filter((url) => fake.lets(url))).toEqual([])
})

test('what fails is watched: the page, its silence, the processes of the app, errors that nobody caught', () => {
  const [window] = fake.windows
  expect([
    window?.webContents.listenerCount('render-process-gone'),
    window?.listenerCount('unresponsive'),
    fake.app.listenerCount('child-process-gone'),
  ]).toEqual([1, 1, 1])
  expect(process.listeners('uncaughtException').some(({ name }) => name === 'fatal')).toBe(true)
})

test('every permission is denied, by request and by check', () => {
  const answers: unknown[] = []
  for (const permission of ['media', 'geolocation', 'notifications', 'clipboard-read'])
    fake.permissions.request?.({}, permission, (answer: unknown) => answers.push(answer))
  expect(answers).toEqual([false, false, false, false])
  expect([fake.permissions.check?.(), fake.permissions.device?.()]).toEqual([false, false])
})

test('pages stay where they are: no navigation, no window, no webview', () => {
  const contents = fake.windows[0]?.webContents
  const blocked = (name: string, url: string): boolean => {
    let prevented = false
    contents?.emit(name, { url, preventDefault: () => (prevented = true) }, url)
    return prevented
  }
  for (const name of ['will-navigate', 'will-frame-navigate', 'will-redirect']) {
    for (const url of [
      'https://evil.example/',
      'app://studio.evil.example/',
      'app://other/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'nonsense',
    ])
      expect(blocked(name, url)).toBe(true)
    expect(blocked(name, 'app://studio/')).toBe(false)
  }
  expect(blocked('will-attach-webview', '')).toBe(true)
  expect(contents?.openHandler?.({ url: 'app://studio/' })).toEqual({ action: 'deny' })
})

test('only the top frame of our own page may call', async () => {
  const ask = (frame: Parameters<typeof fake.invoke>[2]) =>
    fake.invoke(channels.invoke, ['app.info', {}], frame) as Promise<{ ok: boolean; error?: { code: string } }>
  expect((await ask({ url: 'app://studio/' })).ok).toBe(true)
  const strangers = [
    null,
    { url: 'https://evil.example/' },
    { url: 'app://studio.evil/' },
    { url: 'app://studio/', parent: {} },
    { url: 'file:///app' },
    { url: '' },
  ]
  for (const frame of strangers) expect((await ask(frame)).error?.code).toBe('sender-refused')
})

test('a payload that does not fit is refused as data', async () => {
  const reply = await fake.invoke(channels.invoke, ['datasets.items', { dataset: '../x', limit: -1 }])
  expect(reply).toMatchObject({ ok: false, error: { code: 'input-invalid', facts: { method: 'datasets.items' } } })
  expect(await fake.invoke(channels.drop, [[{ path: 1 }]])).toMatchObject({ ok: false })
  expect(await fake.invoke(channels.invoke, ['constructor', {}])).toMatchObject({ error: { code: 'method-unknown' } })
})

test('pages come by a list and pictures by name, both under the policy', async () => {
  const [pages, pictures] = [fake.schemes.get('app'), fake.schemes.get('media')]
  const page = await pages?.(new Request('app://studio/'))
  expect([page?.status, page?.headers.get('content-security-policy')]).toEqual([200, expect.stringContaining("script-src 'self'")])
  for (const url of ['app://studio/../secret', 'app://other/', 'app://studio/%2e%2e/package.json'])
    expect((await pages?.(new Request(url)))?.status).toBe(404)
  for (const url of ['media://studio/unknown', 'media://studio/../../etc/passwd', 'media://other/x'])
    expect((await pictures?.(new Request(url)))?.status).toBe(404)
})

test('files of a dropped folder name that folder', () => {
  expect(topOf('/home/me/10_moss/a.png', '10_moss/a.png')).toBe('/home/me/10_moss')
  expect(topOf('/home/me/a.png', 'a.png')).toBe('/home/me/a.png')
  expect(topOf('/elsewhere/b.png', '10_moss/a.png')).toBe('/elsewhere/b.png')
})

test('files that the system opens wait for a page, which takes them as if they were dropped', async () => {
  type Opened = { value: { drop: string } | null }
  type Imported = {
    ok: boolean
    error?: object
    value?: { added: { name: string }[]; refused: { name: string; error: { code: string } }[] }
  }
  const ask = async <Value>(method: string, input: object = {}) => (await fake.invoke(channels.invoke, [method, input])) as Value
  const take = async (): Promise<Imported> => {
    const { value } = await ask<Opened>('files.opened')
    return ask<Imported>('library.import', { from: value })
  }
  // The one that started the app, told before it was ready.
  expect(await take()).toMatchObject({ ok: false, error: { code: 'file-not-found', facts: { path: '/early.safetensors' } } })
  expect((await ask<Opened>('files.opened')).value).toBeNull()

  const real = (await readdir(shipped)).find((name) => name.endsWith('.safetensors')) ?? ''
  await writeFile(join(root, 'picture.safetensors'), 'no adapter')
  await copyFile(join(shipped, real), join(root, 'my style.safetensors'))
  const window = fake.windows[0]
  window?.sent.splice(0)
  const words = ['pigment', '--flag', 'notes.txt', 'picture.safetensors', pathToFileURL(join(root, 'my style.safetensors')).href]
  fake.app.emit('second-instance', {}, words, root)
  fake.app.emit('open-file', { preventDefault: () => undefined }, join(root, 'notes.txt'))
  expect(window?.sent).toEqual(Array(2).fill([channels.event, { topic: 'menu', sequence: -1, payload: { action: 'open-file' } }]))
  const { value } = await take()
  expect(value?.added.map(({ name }) => name)).toEqual(['my style'])
  expect(value?.refused.map(({ name, error }) => [name, error.code])).toEqual([
    ['picture.safetensors', 'safetensors-other-file'],
    ['notes.txt', 'file-not-found'],
  ])
})

test('of a command line only adapters are opened, from the folder that it was typed in', () => {
  const words = [
    '/opt/pigment',
    '--enable-x=a.safetensors',
    'main.mjs',
    'A.SafeTensors',
    'file:///b%20c.safetensors',
    'file://far/d.safetensors',
  ]
  expect(adaptersAmong(words, root)).toEqual([join(root, 'A.SafeTensors'), ...(process.platform === 'win32' ? [] : ['/b c.safetensors'])])
})

test('a token goes into the keychain of the system, and comes out of it for who asks with it alone', async () => {
  const secret = 'hf_SecretSecretSecret'
  const kept = await fake.invoke(channels.invoke, ['tokens.set', { site: 'hugging-face', token: secret }])
  expect(kept).toEqual({ ok: true, value: { site: 'hugging-face', by: 'keychain' } })
  const file = await readFile(join(root, 'home', 'tokens.json'), 'utf8')
  expect([file.includes(secret), file.includes(Buffer.from(secret).toString('base64'))]).toEqual([false, false])
  const { keeper } = windowShell(fake.electron, () => undefined, { take: () => [] })
  expect(await new Tokens(join(root, 'home'), keeper).get('hugging-face')).toBe(secret)
})

test('a file opened when every window is closed opens one', () => {
  fake.windows[0]?.emit('closed')
  fake.app.emit('open-file', { preventDefault: () => undefined }, '/late.safetensors')
  expect(fake.windows.map(({ url }) => url)).toEqual(['app://studio/', 'app://studio/'])
})

test('the terminal reaches the host of the window, by a door that nobody else finds and that is shut with it', async () => {
  const home = join(root, 'home')
  const terminal = async (...words: string[]) => records((await pigment([...words, '--json'], { cwd: root })).out).at(-1)
  expect(await terminal('settings.set', '--theme', 'light')).toMatchObject({ type: 'result', result: { theme: 'light' } })
  expect(await fake.invoke(channels.invoke, ['settings.get', {}])).toMatchObject({ value: { theme: 'light' } })
  expect(await terminal('library.get', '--adapter', 'none')).toMatchObject({ type: 'error', code: 'adapter-unknown' })

  if (process.platform !== 'win32') expect((await stat(join(home, 'studio.door'))).mode & 0o777).toBe(0o600)
  const { origin = '', token = '' } = (await findDoor(home, process.pid)) ?? {}
  const port = Number(new URL(origin).port)
  const [json, bearer] = [{ 'content-type': 'application/json' }, { authorization: `Bearer ${token}` }]
  const post = async (path: string, headers: Record<string, string>, body = '{}') =>
    (await ask(port, path, { method: 'POST', headers: { ...json, ...headers }, body })).status
  expect(await post('/call/app.info', bearer)).toBe(200)
  expect(await post('/call/app.info', {})).toBe(403)
  expect(await post('/call/app.info', { origin })).toBe(401)
  expect(await post('/call/app.info', { ...bearer, origin: 'https://evil.example' })).toBe(403)
  expect(await post('/call/app.info', { ...bearer, host: `evil.example:${port}` })).toBe(403)
  expect(await post('/session', { origin }, JSON.stringify({ token }))).toBe(401)
  // It is for programs: there is no page that a browser could be led to.
  expect((await ask(port, '/')).status).toBe(404)

  await host?.close()
  host = undefined
  expect(await readFile(join(home, 'studio.door')).catch(({ code }: NodeJS.ErrnoException) => code)).toBe('ENOENT')
  await expect(ask(port, '/')).rejects.toThrow('ECONNREFUSED')
  expect(await terminal('settings.get')).toMatchObject({ type: 'result', result: { theme: 'light' } })
})
