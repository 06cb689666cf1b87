// The pictures and captions of a folder, by name and date only: fast enough to look again whenever something changed.
import { readdir, readFile, stat } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { basename, join } from 'node:path'
import { readSidecar } from '../../engine/datasets/sidecar.ts'
import { systemLimit } from '../../engine/files/file-error.ts'
import { errorRecord, PigmentError, type ErrorRecord } from '../../engine/spec/error.ts'

export interface Found {
  readonly id: string
  /** Relative to the set, with `/`. */
  readonly path: string
  readonly file: string
  readonly folder: string
  readonly repeats: number
  readonly bytes: number
  /** Size and date: another stamp is another picture. */
  readonly stamp: string
  /** Where its caption is, or will be. */
  readonly sidecar: string
  readonly caption: string
  readonly version: string
  readonly captionProblem?: ErrorRecord
}
export interface FolderScan {
  readonly found: ReadonlyMap<string, Found>
  /** A folder with 0 repeats is left out: its name does not tell them. */
  readonly folders: readonly { readonly path: string; readonly repeats: number; readonly pictures: number }[]
}

export const isPicture = (name: string): boolean => /\.(png|jpe?g|webp|avif)$/i.test(name) && !name.startsWith('.')
const kohya = /^(\d{1,5})_(.*)$/
const mostRepeats = 10_000
const mostPictures = 200_000
const atOnce = 16

/** The set's own folder and its `10_name` folders, as training reads them. Throws `dataset-missing` and `dataset-too-large`. */
export async function scanFolder(root: string, known?: ReadonlyMap<string, Found>): Promise<FolderScan> {
  const top = await list(root)
  const folders = [{ path: '', repeats: 1, entries: top }]
  const leftOut: { path: string; repeats: number; pictures: number }[] = []
  for (const { name } of top.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))) {
    // One that cannot be read must not hide the others.
    const entries = await list(join(root, name)).catch(() => [])
    const repeats = Number(kohya.exec(name)?.[1] ?? 0)
    if (repeats >= 1 && repeats <= mostRepeats) folders.push({ path: name, repeats, entries })
    else leftOut.push({ path: name, repeats: 0, pictures: entries.filter((entry) => !entry.isDirectory() && isPicture(entry.name)).length })
  }
  const wanted = folders.flatMap(({ path, repeats, entries }) => {
    const texts = new Set(entries.filter(({ name }) => /\.(txt|caption)$/i.test(name)).map(({ name }) => name))
    return entries
      .filter((entry) => !entry.isDirectory() && isPicture(entry.name))
      .map(({ name }) => ({ folder: path, repeats, name, texts }))
  })
  if (wanted.length > mostPictures)
    throw new PigmentError(
      'dataset-too-large',
      `"${root}" holds ${wanted.length} pictures; ${mostPictures} are allowed. Choose a smaller folder.`,
      {
        directory: root,
        count: wanted.length,
        limit: mostPictures,
      },
    )
  const found: (Found | undefined)[] = Array.from({ length: wanted.length })
  const pending = wanted.entries()
  const worker = async (): Promise<void> => {
    for (const [i, one] of pending) found[i] = await look(root, one, known)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  // A folder that went while it was looked at is missing; it does not hold fewer pictures.
  if (found.some((one) => !one || one.captionProblem)) await list(root)
  const pictures = found.filter((one) => one !== undefined).sort((a, b) => (a.path < b.path ? -1 : 1))
  return {
    found: new Map(pictures.map((one) => [one.id, one])),
    folders: [
      ...folders.map(({ path, repeats }) => ({ path, repeats, pictures: pictures.filter(({ folder }) => folder === path).length })),
      ...leftOut.filter((folder) => folder.pictures > 0),
    ],
  }
}

interface Wanted {
  readonly folder: string
  readonly repeats: number
  readonly name: string
  readonly texts: ReadonlySet<string>
}

async function look(
  root: string,
  { folder, repeats, name, texts }: Wanted,
  known?: ReadonlyMap<string, Found>,
): Promise<Found | undefined> {
  const path = folder ? `${folder}/${name}` : name
  const file = join(root, folder, name)
  const facts = await stat(file).catch(() => undefined)
  if (!facts?.isFile()) return undefined
  const id = idOf(path)
  const stem = name.replace(/\.\w+$/, '')
  // `.txt` is what most tools write; an older `.caption` beside it is left alone.
  const text = [`${stem}.txt`, `${stem}.caption`].find((candidate) => texts.has(candidate))
  const sidecar = join(root, folder, text ?? `${stem}.txt`)
  const before = known?.get(id)
  const version = text ? await versionOf(sidecar) : 'none'
  // What could not be read may be readable now.
  const same = before?.version === version && before.sidecar === sidecar && !before.captionProblem
  const caption = same ? before : text ? await captionIn(sidecar) : { caption: '' }
  return {
    id,
    path,
    file,
    folder,
    repeats,
    bytes: facts.size,
    stamp: stampOf(facts),
    sidecar,
    caption: caption.caption,
    version,
    ...(caption.captionProblem ? { captionProblem: caption.captionProblem } : {}),
  }
}

/** Of a file: another stamp is another content. */
export const stampOf = ({ size, mtimeMs }: { size: number; mtimeMs: number }): string => `${size}-${Math.round(mtimeMs)}`

async function captionIn(sidecar: string): Promise<{ caption: string; captionProblem?: ErrorRecord }> {
  return readSidecar(sidecar).then(
    (caption) => ({ caption }),
    (error: unknown) => ({ caption: '', captionProblem: errorRecord(error) }),
  )
}

/** What a caption file holds, in few letters; `none` where there is no file. */
export async function versionOf(sidecar: string): Promise<string> {
  return readFile(sidecar).then(
    (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16),
    (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? 'none' : 'unreadable'),
  )
}

export const idOf = (path: string): string => createHash('sha256').update(path).digest('hex').slice(0, 20)

type Entry = { readonly name: string; isDirectory(): boolean }

async function list(directory: string): Promise<Entry[]> {
  return readdir(directory, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    const limit = systemLimit(cause, directory)
    if (limit) throw limit
    const gone = cause.code === 'ENOENT' || cause.code === 'ENOTDIR'
    throw new PigmentError(
      gone ? 'dataset-missing' : 'dataset-unreadable',
      gone
        ? `The folder "${basename(directory)}" is not at "${directory}" now. Plug the disk in or move the folder back; nothing is lost.`
        : `The folder "${directory}" may not be read (${cause.code}). Change its permissions, or copy it to a folder of yours.`,
      { directory, system: cause.code },
      cause,
    )
  })
}
