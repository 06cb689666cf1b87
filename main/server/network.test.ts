// The studio with all its workers, and the terminal, as the kernel sees them: what they ask of the network stays on this machine.
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { leavingCalls, tracing, tracingMissing } from '../../engine/runtime/testing-sockets.ts'
import { findDoor } from '../stores/door.ts'

let home: string
beforeEach(async () => void (home = await mkdtemp(join(tmpdir(), 'pigment-network-'))))
afterEach(() => rm(home, { recursive: true, force: true }))

const terminal = fileURLToPath(new URL('../cli/main.ts', import.meta.url))
const data = (): string => join(home, 'data')

/** As a person has it: an empty home, and nothing in the environment that keeps the runtime quiet. */
function start(trace: string, ...words: string[]): ChildProcess {
  const [program = '', ...before] = tracing(trace)
  return spawn(program, [...before, process.execPath, '--disable-warning=ExperimentalWarning', ...words], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, PIGMENT_HOME: data(), NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

async function pigment(trace: string, ...words: string[]): Promise<Record<string, unknown>> {
  const child = start(trace, terminal, ...words, '--json')
  let out = ''
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (out += part))
  const [code] = (await once(child, 'close')) as [number]
  expect(code, out).toBe(0)
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>
}

test('the terminal draws a picture without a socket and without a trace in the home', async (context) => {
  const missing = tracingMissing()
  if (missing) return context.skip(missing)
  const trace = join(home, 'trace')
  await pigment(trace, 'generate', '--prompt', 'apple', '--steps', '1', '--out', join(home, 'apple.png'), '--device', 'cpu')
  expect((await readFile(trace, 'utf8')).match(/\bsocket\(AF_INET.*/g)).toBeNull()
  expect((await readdir(home)).sort()).toEqual(['apple.png', 'trace'])
})

test('a studio whose workers draw, read adapters and test devices talks to this machine only', async (context) => {
  const missing = tracingMissing()
  if (missing) return context.skip(missing)
  const [pages, trace, asking] = [join(home, 'pages'), join(home, 'trace'), join(home, 'asking')]
  await mkdir(pages)
  await writeFile(join(pages, 'index.html'), '<!doctype html>')
  const script = join(home, 'serve.ts')
  const studio = pathToFileURL(fileURLToPath(new URL('studio.ts', import.meta.url))).href
  await writeFile(
    script,
    `import { serveStudio } from '${studio}'\nawait serveStudio({ pages: ${JSON.stringify(pages)}, openBrowser: false })`,
  )
  const child = start(trace, script)
  const closed = once(child, 'close')
  await once(child.stdout as NonNullable<ChildProcess['stdout']>, 'data')
  const { origin = '', process: owner = 0 } = JSON.parse(await readFile(join(data(), 'studio.door'), 'utf8')) as Partial<
    NonNullable<Awaited<ReturnType<typeof findDoor>>>
  >
  try {
    const form = JSON.stringify({ form: { prompt: 'apple', steps: 1, cfg: 1 } })
    expect((await pigment(asking, 'generate.enqueue', '--input', form, '--wait')).result).toMatchObject({ state: 'done' })
    await pigment(asking, 'settings.machine')
    expect((await pigment(asking, 'fetching.starters')).result).toMatchObject({ length: expect.any(Number) as number })
    expect((await pigment(asking, 'library.list')).result).toMatchObject({ length: expect.any(Number) as number })
  } finally {
    process.kill(owner, 'SIGTERM')
    await closed
  }
  const seen = await readFile(trace, 'utf8')
  expect(seen).toContain(`htons(${new URL(origin).port})`)
  expect(leavingCalls(seen)).toEqual([])
  expect(leavingCalls(await readFile(asking, 'utf8'))).toEqual([])
  expect((await readdir(home)).sort()).toEqual(['asking', 'data', 'pages', 'serve.ts', 'trace'])
})
