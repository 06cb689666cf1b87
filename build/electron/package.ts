// `npm run package`: bundles, builds the pages, and packs for this system. Arguments go to electron-builder (e.g. `-- --dir`).
// An Electron that is already here is taken; else electron-builder fetches one.
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { buildPages, electronBinary } from '../start.ts'
import { bundleWindow } from './bundle.ts'

const root = join(import.meta.dirname, '..', '..')

export interface PackOptions {
  /** A folder with an Electron distribution. */
  readonly electron?: string | undefined
  readonly output?: string
  readonly arguments?: readonly string[]
  readonly quiet?: boolean
}

/** Rejects with what electron-builder printed, when it fails. */
export async function pack({ electron, output, arguments: rest = [], quiet = false }: PackOptions): Promise<void> {
  await buildPages()
  await bundleWindow()
  const options = [...(electron ? [`-c.electronDist=${electron}`] : []), ...(output ? [`-c.directories.output=${output}`] : []), ...rest]
  await new Promise<void>((done, fail) => {
    const cli = join(root, 'node_modules', 'electron-builder', 'cli.js')
    const child = spawn(process.execPath, [cli, '--publish', 'never', ...options], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part
        if (!quiet) process.stderr.write(part)
      })
    child.on('error', fail)
    child.on('close', (code) => (code === 0 ? done() : fail(new Error(`electron-builder ended with ${code}:\n${text}`))))
  })
}

if (process.argv[1] === import.meta.filename) {
  const binary = electronBinary()
  // On macOS the program lies deep inside of Electron.app.
  const home = binary && (process.platform === 'darwin' ? join(dirname(binary), '..', '..', '..') : dirname(binary))
  await pack({ electron: home, arguments: process.argv.slice(2) }).catch((error: unknown) => {
    console.error((error as Error).message.split('\n')[0])
    process.exitCode = 1
  })
}
