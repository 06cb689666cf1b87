// `npm start`: builds what is stale, then opens the studio: in a window where there is an Electron, else in the browser.
import '../engine/files/threads.ts'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errorRecord } from '../engine/requests/error.ts'
import { portFrom, serveStudio } from '../main/server/studio.ts'

const root = join(import.meta.dirname, '..')
const pages = join(root, 'renderer', 'dist')

/** Newest change of anything that the pages are made of. */
function newest(...paths: readonly string[]): number {
  return Math.max(
    ...paths.flatMap((path) => {
      const found = statSync(path, { throwIfNoEntry: false })
      if (!found) return [0]
      if (!found.isDirectory()) return [found.mtimeMs]
      const inside = readdirSync(path).filter((name) => name !== 'dist' && name !== 'node_modules')
      return inside.map((name) => newest(join(path, name)))
    }),
    0,
  )
}

/** A command to its end; what it prints is shown only when it fails. */
export function run(command: string, args: readonly string[], cwd = root): Promise<void> {
  return new Promise((done, fail) => {
    // Production whatever runs this: a test runner's environment would give pages with Svelte's development checks in them.
    const child = spawn(command, [...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_ENV: 'production' } })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part))
    child.on('error', fail)
    child.on('close', (code) => (code === 0 ? done() : fail(new Error(`${args.join(' ')} ended with ${code}:\n${text}`))))
  })
}

/** Builds the pages where they are missing or older than their sources. */
export async function buildPages(): Promise<string> {
  const stamp = join(pages, '.built')
  const built = existsSync(join(pages, 'index.html')) && existsSync(stamp) ? Number(readFileSync(stamp, 'utf8')) : 0
  const sources = newest(
    join(root, 'renderer'),
    join(root, 'main', 'api'),
    join(root, 'engine', 'requests'),
    join(root, 'build', 'renderer'),
  )
  if (built >= sources) return pages
  console.error('Building the pages …')
  await bundlePages(join(root, 'renderer'), pages)
  writeFileSync(stamp, String(sources))
  return pages
}

/** Static files of a renderer's folder. */
export function bundlePages(source: string, out: string): Promise<void> {
  const config = join(root, 'build', 'renderer', 'vite.config.ts')
  return run(process.execPath, [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', source, '--config', config, '--outDir', out])
}

/** Where an Electron is already; none is fetched. */
export function electronBinary(): string | undefined {
  const home = join(root, 'node_modules', 'electron')
  const name = join(home, 'path.txt')
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(home, 'dist')
  const program = existsSync(name)
    ? readFileSync(name, 'utf8').trim()
    : ({ win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[process.platform as string] ?? 'electron')
  const path = join(dist, program)
  return existsSync(path) ? path : undefined
}

if (process.argv[1] === import.meta.filename) {
  try {
    await buildPages()
    const electron = process.argv.includes('--browser') ? undefined : electronBinary()
    if (electron) {
      const { bundleWindow } = await import('./electron/bundle.ts')
      const entry = await bundleWindow()
      const child = spawn(electron, [entry], { stdio: 'inherit' })
      process.exitCode = await new Promise<number>((done) => child.on('exit', (code) => done(code ?? 1)))
    } else {
      const at = process.argv.indexOf('--port')
      const port = portFrom(at > 0 ? process.argv[at + 1] : process.env.PIGMENT_PORT)
      await serveStudio({ pages, port, openBrowser: process.env.PIGMENT_NO_OPEN !== '1' })
    }
  } catch (error) {
    console.error(errorRecord(error).message)
    process.exitCode = 1
  }
}
