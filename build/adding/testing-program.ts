// The program as it would be if some files more lay in it: a copy of its source with those files in their folders and the indexes written.
// What holds in it for a new file holds because nothing else names that file.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const copied = [
  'engine',
  'main',
  'renderer',
  'package.json',
  'tsconfig.json',
  ...readdirSync(join(root, 'build')).map((name) => `build/${name}`),
]
/** Tests run in the program that they stand in, and builds are made again where they are wanted. */
const left = /[.]test[.]ts$|[\\/](fixtures|dist|bundle)$/

export interface Program extends Disposable {
  /** The folder of the copy, below the repository, so that it finds the same node_modules. */
  readonly root: string
  /** A module of the copy, by its path from the root, with the type of the one here: `load<typeof import('../../main/…')>('main/…')`. */
  load<T>(path: string): Promise<T>
  /** One command line, in this process. Text is that of both streams, with spaces for the ends of lines. */
  pigment(...argv: readonly string[]): Promise<{ readonly code: number; readonly text: string }>
}

/** Texts of new files, and changes to those that are here, by path from the root. Dispose of it in `afterAll`; it takes some tenths of a second to make. */
export async function programWith(
  files: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, (text: string) => string>> = {},
): Promise<Program> {
  mkdirSync(join(root, 'work'), { recursive: true })
  const copy = mkdtempSync(join(root, 'work/throw-away-'))
  const load = async <T>(path: string): Promise<T> => (await import(/* @vite-ignore */ join(copy, path))) as T
  for (const path of copied.filter((name) => /^[^/]+$|^build[/][^/]+[.]ts$/.test(name)))
    cpSync(join(root, path), join(copy, path), { recursive: true, filter: (source) => !left.test(source) })
  symlinkSync(join(root, 'assets'), join(copy, 'assets'), 'junction')
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    writeFileSync(join(copy, path), text, { flag: 'wx' })
  }
  for (const [path, change] of Object.entries(changes)) {
    const text = readFileSync(join(copy, path), 'utf8')
    if (change(text) === text) throw new Error(`Nothing was changed in ${path}: what the test looks for is not there any more.`)
    writeFileSync(join(copy, path), change(text))
  }
  const { indexes } = await load<typeof import('../write-indexes.ts')>('build/write-indexes.ts')
  for (const [path, text] of await indexes()) writeFileSync(join(copy, path), text)
  return {
    root: copy,
    load,
    async pigment(...argv) {
      const { runCli } = await load<typeof import('../../main/cli/run.ts')>('main/cli/run.ts')
      const { commands } = await load<typeof import('../../main/cli/commands.ts')>('main/cli/commands.ts')
      let text = ''
      const write = (part: string): unknown => (text += part)
      const terminal = { out: write, err: write, isTerminal: false, columns: 400 }
      const code = await runCli(argv, { commands, version: '1', terminal, signal: new AbortController().signal })
      return { code, text: text.replace(/\s+/g, ' ') }
    },
    [Symbol.dispose]: () => rmSync(copy, { recursive: true, force: true }),
  }
}
