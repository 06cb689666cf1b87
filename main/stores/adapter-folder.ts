// A folder of adapters as it is now: files, folders of PEFT's, and what lies beside each. Nothing is opened; what is no adapter's is passed over.
import { readdir, stat } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { answering, type Ask } from '../../engine/files/answering.ts'
import { besideFormats } from '../operations/beside/index.ts'
import { adapterName, filesOfAdapter } from '../operations/adapter-files.ts'

/** Pickles are among them, so that the reason why they are not used is told. */
const adapterFile = /\.(safetensors|ckpt|pt)$/i
/** As A1111, ComfyUI Lora Manager and SwarmUI lay them. */
const previews = ['.preview', '', '.thumb'].flatMap((of) => ['png', 'jpg', 'jpeg', 'webp'].map((ending) => `${of}.${ending}`))
const deepest = 8
/** Of adapters, and of folders that are looked into; a library has some thousand. */
const most = { adapters: 20_000, folders: 2000 }

/** Where an adapter lies: the watched folder, '' for the library's own, and the way from there with slashes. */
export interface Place {
  readonly root: string
  readonly file: string
}
export const placeKey = ({ root, file }: Place): string => `${root}\0${file}`

export interface SeenAdapter extends Place {
  readonly path: string
  /** Size and time of all its files: another one is another state. */
  readonly stamp: string
  readonly bytes: number
  /** When it was last written to. */
  readonly touched: number
  /** Files of `besideFormats` and a picture, by their paths, with a stamp of their own. */
  readonly beside: readonly string[]
  readonly preview?: string
  readonly besideStamp: string
}
export interface SeenRoot {
  readonly root: string
  readonly adapters: readonly SeenAdapter[]
  /** Those in it that are watched, from it. */
  readonly folders: readonly string[]
}

/** Throws `folder-not-answering` and what `readdir` throws of a folder that is gone. */
export async function seeFolder(root: string, at: string): Promise<SeenRoot> {
  return answering(at, async (ask) => {
    const seen: Look = { root, at, ask, been: new Set(), adapters: [], folders: [] }
    await look(seen, '', 0)
    return { root, adapters: seen.adapters, folders: seen.folders }
  })
}

/** One file or folder of an adapter, by its way from a folder; where there is none, a state without bytes. */
export async function seeAdapter(at: string, file: string): Promise<SeenAdapter> {
  const folder = posix.dirname(file)
  const names = await readdir(join(at, folder)).catch((): string[] => [])
  const files = await filesOfAdapter(join(at, file))
  return seen(
    { root: '', at, ask: (question) => question() },
    file,
    files.length > 0 ? files.map((name) => join(file, name)) : [file],
    new Map(names.map((name) => [name.toLowerCase(), name])),
  )
}

interface Look {
  readonly root: string
  readonly at: string
  readonly ask: Ask
  /** Folders by device and number: a link may lead back. */
  readonly been: Set<string>
  readonly adapters: SeenAdapter[]
  readonly folders: string[]
}

async function look(of: Look, folder: string, depth: number): Promise<void> {
  const { at, ask, been, adapters, folders } = of
  const here = join(at, folder)
  const { dev, ino } = await ask(() => stat(here, { bigint: true }))
  if (been.has(`${dev} ${ino}`) || folders.length >= most.folders) return
  been.add(`${dev} ${ino}`)
  const entries = await ask(() => readdir(here, { withFileTypes: true }))
  if (folder !== '') folders.push(folder)
  const names = new Map(entries.map(({ name }) => [name.toLowerCase(), name]))
  const inside: string[] = []
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || adapters.length >= most.adapters) continue
    const named = adapterFile.test(entry.name)
    if (!named && !entry.isDirectory() && !entry.isSymbolicLink()) continue
    const path = posix.join(folder, entry.name)
    const found = await ask(() => stat(join(here, entry.name))).catch(() => undefined)
    if (found?.isDirectory()) {
      const files = await ask(() => filesOfAdapter(join(here, entry.name)))
      if (files.length === 0) inside.push(path)
      else
        adapters.push(
          await seen(
            of,
            path,
            files.map((name) => join(path, name)),
            names,
          ),
        )
    } else if (named && found?.isFile()) adapters.push(await seen(of, path, [path], names))
  }
  // What cannot be read of it hides nothing of the rest.
  if (depth < deepest) for (const path of inside) await look(of, path, depth + 1).catch(() => undefined)
}

async function seen(
  { root, at, ask }: Pick<Look, 'root' | 'at' | 'ask'>,
  file: string,
  files: readonly string[],
  names: ReadonlyMap<string, string>,
): Promise<SeenAdapter> {
  const facts = (path: string) => ask(() => stat(join(at, path))).catch(() => undefined)
  const own = (await Promise.all(files.map(facts))).filter((one) => one !== undefined)
  const stem = adapterName(file).replace(/\.(ckpt|pt)$/i, '')
  const besides = (endings: readonly string[]) =>
    endings.flatMap((ending) => names.get(`${stem}${ending}`.toLowerCase()) ?? []).map((name) => posix.join(posix.dirname(file), name))
  const [beside, [preview]] = [besides(besideFormats.map(({ ending }) => ending)), besides(previews)]
  const stamps = await Promise.all([...beside, ...(preview ? [preview] : [])].map(async (path) => [path, stampOf(await facts(path))]))
  return {
    root,
    file,
    path: join(at, file),
    stamp: own.map(stampOf).join(' '),
    bytes: own.reduce((sum, { size }) => sum + size, 0),
    touched: Math.max(0, ...own.map(({ mtimeMs }) => mtimeMs)),
    beside: beside.map((path) => join(at, path)),
    ...(preview ? { preview: join(at, preview) } : {}),
    besideStamp: stamps.flat().join(' '),
  }
}

const stampOf = (found: { size: number; mtimeMs: number } | undefined): string => (found ? `${found.size}:${found.mtimeMs}` : '')
