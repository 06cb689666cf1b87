// The runtime keeps a device id and a list of events for its maker unless it is told not to. Build machines silence it too: their names are taken away here.
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { leavingCalls, tracing, tracingMissing } from './testing-sockets.ts'

const root = join(import.meta.dirname, '..', '..')
const address = (file: string): string => JSON.stringify(pathToFileURL(join(import.meta.dirname, file)).href)
/** The sources of a script that computes a root, once in this thread and once in one of the engine's own. */
const computing = `
import { Graph } from ${address('../graph/graph.ts')}
import ${address('../ops/index.ts')}
import { Session, sourceOf } from ${address('session.ts')}
import { SessionThread } from ${address('session-thread.ts')}
const graph = new Graph('root')
graph.output('y', graph.op('Sqrt', [graph.input('x', 'float32', [1])])[0])
for (const open of [() => Session.create(graph), () => SessionThread.open(sourceOf(graph), {})]) {
  await using session = await open()
  const { y } = await session.run({ x: { shape: [1], data: new Float32Array([4]) } })
  console.log(y.data[0])
}`

let home: string
beforeEach(async () => void (home = await mkdtemp(join(tmpdir(), 'pigment-telemetry-'))))
afterEach(() => rm(home, { recursive: true, force: true }))

/** As a person starts it: an empty home, and nothing in the environment that keeps the runtime quiet. */
function run(script: string, before: readonly string[] = []): Promise<{ readonly out: string; readonly err: string }> {
  const [program = '', ...words] = [...before, process.execPath, '--disable-warning=ExperimentalWarning', script]
  const child = spawn(program, words, { env: { PATH: process.env.PATH, HOME: home }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (part: string) => (out += part))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (err += part))
  return new Promise((done, fail) => child.on('error', fail).on('close', () => done({ out, err })))
}

async function scriptOf(source: string): Promise<string> {
  const file = join(home, 'script.ts')
  await writeFile(file, source)
  return file
}

test('a session, here and in a thread, leaves no file in an empty home', async () => {
  expect(await run(await scriptOf(computing))).toEqual({ out: '2\n2\n', err: '' })
  expect(await readdir(home)).toEqual(['script.ts'])
})

test('and opens no socket of the internet', async (context) => {
  const missing = tracingMissing()
  if (missing) return context.skip(missing)
  const trace = join(home, 'trace')
  const traced = async (source: string): Promise<readonly string[]> => {
    await run(await scriptOf(source), tracing(trace))
    return leavingCalls(await readFile(trace, 'utf8'))
  }
  // The runtime looks its host up some ten seconds after it has begun.
  expect(await traced(`${computing}\nawait new Promise((done) => setTimeout(done, 13_000))`)).toEqual([])
  // What would be seen, were there something.
  expect(
    await traced(`import { connect } from 'node:net'\nconnect(9, '192.0.2.1').on('error', () => 0).setTimeout(1, () => process.exit())`),
  ).toEqual([expect.stringContaining('inet_addr("192.0.2.1")')])
})

test('a thread that cannot switch it off does not load the runtime', async () => {
  const threaded = `
import { Worker } from 'node:worker_threads'
const loading = () => new Promise((done) => new Worker(new URL(${address('onnxruntime.ts')})).on('error', ({ code }) => done(code)).on('exit', () => done('loaded')))
console.log(await loading())
await import(${address('onnxruntime.ts')})
console.log(await loading())`
  expect(await run(await scriptOf(threaded))).toEqual({ out: 'telemetry-on\nloaded\n', err: '' })
})

test('every way to the runtime passes by its one door', async () => {
  const files = await Promise.all(['engine', 'main', 'build', 'renderer'].map((folder) => readdir(join(root, folder), { recursive: true })))
  const sources = ['engine', 'main', 'build', 'renderer'].flatMap((folder, i) =>
    (files[i] ?? [])
      .filter((name) => /\.(ts|mjs|svelte)$/.test(name) && !/(^|[\\/])(bundle|dist)[\\/]/.test(name))
      .map((name) => join(root, folder, name)),
  )
  const loads = /(from|import|import\(|require\(|createRequire\(.*\)\()\s*['"]onnxruntime-(node|common|web)['"]/
  const found = await Promise.all(sources.map(async (file) => (loads.test(await readFile(file, 'utf8')) ? [file] : [])))
  expect(found.flat()).toEqual([join(import.meta.dirname, 'onnxruntime.ts')])
})
