// The real bundles: the main process over the fake Electron, the preload script in a bare sandbox, and what packaging makes of them.
import { spawn } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { runInNewContext } from 'node:vm'
import { extractAll, listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { swiftShader, swiftShaderMissing } from '../../engine/runtime/testing-swiftshader.ts'
import type { Machine } from '../../main/api/methods/settings.ts'
import { bundleWindow, outFolder } from './bundle.ts'
import { pack } from './package.ts'
import { stubElectron } from './stub-electron.ts'

let folder: string
let opened: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pigment-bundle-'))
  opened = join(folder, 'opened.safetensors')
  await copyFile(join(import.meta.dirname, '../../assets/adapters/comic-outline.safetensors'), opened)
  await bundleWindow()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('the preload script needs nothing but what a sandbox has, and shows three functions', async () => {
  const source = await readFile(join(outFolder, 'preload.cjs'), 'utf8')
  const shown: Record<string, object> = {}
  const sent: unknown[] = []
  const electron = {
    contextBridge: { exposeInMainWorld: (name: string, api: object) => (shown[name] = api) },
    ipcRenderer: { invoke: (...input: unknown[]) => (sent.push(input), Promise.resolve({ ok: true, value: null })), on: () => undefined },
    webUtils: { getPathForFile: () => '/picture.png' },
  }
  const require = (name: string): unknown => {
    if (name === 'electron') return electron
    throw new Error(`A sandboxed preload script cannot load "${name}".`)
  }
  runInNewContext(source, { require, exports: {}, module: { exports: {} }, Promise, Uint8Array })
  expect(Object.keys(shown)).toEqual(['pigment'])
  expect(Object.keys(shown.pigment ?? {}).sort()).toEqual(['drop', 'invoke', 'listen'])
  await (shown.pigment as { invoke: (...input: unknown[]) => Promise<unknown> }).invoke('app.info', {})
  expect(sent).toEqual([['pigment:invoke', 'app.info', {}]])
})

test('the bundled main process starts, serves a call and draws with its bundled worker', async () => {
  const root = join(import.meta.dirname, '..', '..')
  const pages = join(root, 'renderer', 'dist', 'index.html')
  await mkdir(join(pages, '..'), { recursive: true })
  await writeFile(pages, '<!doctype html>', { flag: 'wx' }).catch(() => undefined)
  const script = join(folder, 'drive.ts')
  await writeFile(script, driver(root, outFolder, outFolder))
  const said = await run(script, { PIGMENT_HOME: join(folder, 'home') })
  expect(said).toMatchObject({
    info: { shell: 'window', version: '0.1.0' },
    url: 'app://studio/',
    state: 'done',
    training: 'done',
    log: [],
    door: true,
    media: 200,
    opened: 'opened',
  })
  // A native library that does not load must not keep the window from opening: only the worker processes load any.
  expect((said as Said).libraries.filter((path) => path.includes('node_modules'))).toEqual([])
})

test('the packed app holds what it needs and nothing else, has its fuses set, and draws', async (context) => {
  if (process.platform !== 'linux') context.skip('the stub of Electron is shaped like that of Linux')
  const root = join(import.meta.dirname, '..', '..')
  const [electron, output] = [join(folder, 'electron'), join(folder, 'dist')]
  await stubElectron(electron, '45.4.1')
  await pack({ electron, output, arguments: ['--linux', 'dir', `--${process.arch}`], quiet: true })
  const app = join(output, 'linux-unpacked')

  const { version: _version, ...wire } = await getCurrentFuseWire(join(app, 'pigment'))
  const on = Object.entries(wire).filter(([, state]) => String.fromCharCode(Number(state)) === '1')
  expect(on.map(([fuse]) => FuseV1Options[Number(fuse)] ?? fuse)).toEqual([
    'EnableCookieEncryption',
    'EnableEmbeddedAsarIntegrityValidation',
    'OnlyLoadAppFromAsar',
    '8', // WasmTrapHandlers, on by default, which this version of the reader does not name yet.
  ])

  const archive = join(app, 'resources', 'app.asar')
  const names = listPackage(archive, { isPack: false }).map((name) => name.slice(1).replaceAll('\\', '/'))
  const inside = (depth: number): string[] => [...new Set(names.map((name) => name.split('/').slice(0, depth).join('/')))].sort()
  expect(inside(1)).toEqual(['LICENSE', 'assets', 'main', 'node_modules', 'package.json', 'renderer'])
  expect(names.filter((name) => /^(main|renderer)\/./.test(name) && !/^(main\/bundle|renderer\/dist)/.test(name))).toEqual([])
  expect(names.filter((name) => name.startsWith('main/bundle/'))).toHaveLength(4)
  const packages = inside(2).filter((name) => name.startsWith('node_modules/'))
  const native = ['@img', 'detect-libc', 'onnxruntime-common', 'onnxruntime-node', 'semver', 'sharp']
  expect(packages).toEqual(native.map((name) => `node_modules/${name}`))
  expect(names).toEqual(expect.arrayContaining(['renderer/dist/index.html', 'assets/models/pigment-small/model_index.json']))
  // By which CUDA's provider is found, where a person asks for it.
  expect(names.filter((name) => name.startsWith('node_modules/onnxruntime-node/script/')).map((name) => name.split('/').at(-1))).toEqual(
    expect.arrayContaining(['install-metadata-versions.js', 'install-metadata.js']),
  )
  expect(names.filter((name) => /\.(ts|map|test\.\w+)$/.test(name) && !name.endsWith('.d.ts'))).toEqual([])
  expect(names.filter((name) => /\/(win32|darwin)\b|\.(dll|dylib|exe)$/.test(name))).toEqual([])
  expect((await readdir(join(app, 'locales'))).sort()).toEqual(['en-US.pak', 'zh-CN.pak'])
  const size = await sizeOf(app)
  console.log(`Packed: ${(size / 2 ** 20).toFixed(0)} MB before Electron's own files`)
  expect(size).toBeLessThan(120 * 2 ** 20)

  // Plain Node cannot read an archive: a folder of its name takes its place, so that every address leads where it does in the app.
  extractAll(archive, join(folder, 'extracted'))
  await rm(archive)
  await rename(join(folder, 'extracted'), archive)
  await rm(join(archive, 'assets'), { recursive: true }) // Only those beside the archive are of use to a native library.
  const script = join(folder, 'drive-packed.ts')
  await writeFile(script, driver(root, join(archive, 'main', 'bundle'), join(`${archive}.unpacked`, 'main', 'bundle')))
  const said = await run(script, { PIGMENT_HOME: join(folder, 'packed-home'), ...(swiftShaderMissing() ? {} : swiftShader()) })
  expect(said).toMatchObject({
    info: { version: '0.1.0' },
    url: 'app://studio/',
    state: 'done',
    training: 'done',
    log: [],
    media: 200,
    opened: 'opened',
  })
  // Devices are tested by a process of the packed app; a software driver computes correctly, and the CPU is chosen for its speed.
  const { machine, forks } = said as Said
  expect(forks).toContain('worker.mjs devices')
  expect(machine.devices.map(({ device }) => device)).toEqual(['cuda', 'dml', 'coreml', 'webgpu', 'cpu'])
  expect(machine.devices.at(-1)).toMatchObject({ works: true, error: 0, chosen: true })
  expect(machine.devices.at(3)).toMatchObject(swiftShaderMissing() ? { works: false } : { works: true, reason: null })
  expect(machine.devices.filter(({ reason }) => /^device-(process-ended|silent|failed)$/.test(reason?.code ?? ''))).toEqual([])
})

test('nothing in the bundles loads what is not shipped, and no switch of the deny list is set', async () => {
  const allowed = new Set(['electron', ...builtinModules, ...builtinModules.map((name) => `node:${name}`)])
  const text = await readFile(join(outFolder, 'main.mjs'), 'utf8')
  const imported = [...text.matchAll(/^import(?:\s[^'";]*\sfrom)?\s*['"]([^'"]+)['"]/gm)].map(([, name = '']) => name)
  expect(imported.filter((name) => !allowed.has(name))).toEqual([])
  const required = [...text.matchAll(/createRequire\(import\.meta\.url\)\(['"]([^'"]+)['"]/g)].map(([, name]) => name)
  expect(new Set(required)).toEqual(new Set(['onnxruntime-node', 'sharp']))
  for (const forbidden of [
    'webSecurity: false',
    'nodeIntegration: true',
    'contextIsolation: false',
    'sandbox: false',
    'allowRunningInsecureContent',
    'enableBlinkFeatures',
    'no-sandbox',
    'bypassCSP',
  ])
    expect(text.includes(forbidden), forbidden).toBe(false)
  // One wrapper for every channel.
  expect(text.match(/ipcMain\.handle\(/g)?.length).toBe(1)
})

interface Said {
  readonly machine: Machine
  readonly forks: readonly string[]
  /** Native libraries that the main process has loaded. */
  readonly libraries: readonly string[]
}

/** Runs the bundle with `electron` resolved to the fake, asks it for a picture, and prints what came. */
function driver(root: string, main: string, worker: string): string {
  const url = (...parts: string[]): string => JSON.stringify(pathToFileURL(join(root, ...parts)).href)
  return `
import { readFile } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { fakeElectron } from ${url('main', 'electron', 'testing-fake.ts')}
const fake = fakeElectron(${JSON.stringify(join(worker, 'worker.mjs'))})
globalThis.fakeElectron = fake.electron
const names = ['app', 'BrowserWindow', 'dialog', 'ipcMain', 'Menu', 'Notification', 'protocol', 'session', 'shell', 'utilityProcess']
const source = names.map((name) => \`export const \${name} = globalThis.fakeElectron.\${name}\`).join('\\n')
registerHooks({
  resolve: (name, context, next) => (name === 'electron' ? { url: 'fake:electron', shortCircuit: true } : next(name, context)),
  load: (url, context, next) => (url === 'fake:electron' ? { format: 'module', source, shortCircuit: true } : next(url, context)),
})
await import(${JSON.stringify(pathToFileURL(join(main, 'main.mjs')).href)})
while (fake.windows.length === 0) {
  if (fake.calls.some((call) => call.startsWith('dialog'))) throw new Error(fake.calls.at(-2))
  await new Promise((done) => setTimeout(done, 20))
}
const call = async (method, input) => {
  const reply = await fake.invoke('pigment:invoke', [method, input])
  if (!reply.ok) throw new Error(reply.error.message)
  return reply.value
}
const info = await call('app.info', {})
const door = JSON.parse(await readFile(join(process.env.PIGMENT_HOME, 'studio.door'), 'utf8')).process === process.pid
const { added } = await call('library.import', { from: await call('files.opened', {}) })
const machine = await call('settings.machine', {})
const ended = async ({ id }) => {
  for (;;) {
    const job = await call('jobs.get', { job: id })
    if (job.state !== 'queued' && job.state !== 'running') return job
    await new Promise((done) => setTimeout(done, 50))
  }
}
await call('settings.set', { threads: 1 })
const { state } = await ended(await call('generate.enqueue', { form: { prompt: 'apple', steps: 1, cfg: 1 } }))
// Two members are trained in threads of their own.
await call('settings.set', { threads: 2 })
const [set] = await call('datasets.list', {})
const { state: training, log: said } = await ended(await call('training.start', { name: 'apart', dataset: set.id, steps: 2, members: 2 }))
const { items } = await call('gallery.list', {})
const media = await fake.schemes.get('media')(new Request('media://studio/' + items[0].media + '?side=64'))
const forks = fake.calls.flatMap((call) => call.match(/^utilityProcess\\.fork (.*) Pigment/)?.[1] ?? [])
const libraries = process.report.getReport().sharedObjects
console.log(JSON.stringify({ info, door, url: fake.windows[0].url, state, training, log: said.filter(({ level }) => level !== 'info'), media: media.status, opened: added[0].name, machine, forks, libraries }))
const quit = { preventDefault() {} }
fake.app.emit('before-quit', quit)
while (!fake.calls.includes('app.quit')) await new Promise((done) => setTimeout(done, 20))
process.exit(0)
`
}

/** Starts it as a file manager does, with an adapter to open. */
function run(script: string, environment: Record<string, string>): Promise<unknown> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, opened], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [out, err] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part))
    child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part))
    child.on('close', (code) => (code === 0 ? done(JSON.parse(out)) : fail(new Error(err || out))))
  })
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path)
  if (!found.isDirectory()) return found.size
  const sizes = await Promise.all((await readdir(path)).map((name) => sizeOf(join(path, name))))
  return sizes.reduce((sum, size) => sum + size, 0)
}
