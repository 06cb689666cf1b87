// Files of a drop, or chosen in the browser's dialog, with their paths, folders walked through; and how they get to the host.
import type { DroppedFile } from '../../main/api/transport.ts'
import { adapterFolders } from '../../engine/requests/adapter-formats.ts'
import { pictureEndings, recalledEndings } from '../../engine/requests/picture-files.ts'
import { host } from './host.svelte.ts'

/** What is about to come in: files of this page's machine, or a path on the host's. */
export type Coming = readonly DroppedFile[] | { readonly path: string }
export type Source = { readonly drop: string } | { readonly path: string }

export async function arrived(from: Coming, progress?: (sent: number, total: number) => void): Promise<Source> {
  return 'path' in from ? from : { drop: await host.api.drop(from, progress) }
}

/** As a dialog for files or for a folder gives them. */
export function filesChosen(files: FileList): DroppedFile[] {
  const all = Array.from(files, (file) => ({ path: file.webkitRelativePath || file.name, blob: file }))
  return all.filter(({ path }) => !isHidden(path))
}

/** Of the first folder or file, without its ending. */
export const nameOfFiles = ([first]: readonly DroppedFile[]): string => (first?.path.split('/')[0] ?? '').replace(/\.[^.]+$/, '')

/** One picture of a format that keeps how it was made. */
export const isRecallable = (files: readonly DroppedFile[]): boolean => files.length === 1 && endsIn(recalledEndings, files[0]?.path ?? '')
/** One picture, of any format. */
export const isPicture = (files: readonly DroppedFile[]): boolean => files.length === 1 && endsIn(pictureEndings, files[0]?.path ?? '')
/** A picture, or a zip of pictures, by its name. */
export const isPictureFile = (path: string): boolean => endsIn([...pictureEndings, 'zip'], path)
const endsIn = (endings: readonly string[], path: string): boolean => endings.includes(/\.([^.]+)$/.exec(path)?.[1]?.toLowerCase() ?? '')

const folderMarks = adapterFolders.map(({ file, config = file }) => config)

/** What of a drop goes into the library: adapters alone, or what belongs to the adapter in a folder of some format, but not its sample pictures. */
export function adaptersOf(files: readonly DroppedFile[]): readonly DroppedFile[] {
  const weights = files.filter(({ path }) => /\.safetensors$/i.test(path))
  if (weights.length === files.length) return weights
  const folder = files.some(({ path }) => folderMarks.includes(path.split('/').at(-1) ?? ''))
  return folder && weights.length > 0 ? files.filter(({ path }) => /\.(safetensors|json)$/i.test(path)) : []
}

/** Entries must be taken at once, before the event ends; the walk may take its time. `name` is that of the first folder or file. */
export function filesOf(items: DataTransferItemList): { readonly files: Promise<DroppedFile[]>; readonly name: string } {
  const entries = Array.from(items).flatMap((item) => item.webkitGetAsEntry() ?? [])
  return { files: Promise.all(entries.map(walk)).then((lists) => lists.flat()), name: (entries[0]?.name ?? '').replace(/\.[^.]+$/, '') }
}

/** What systems and programs keep for themselves beside a person's files: .DS_Store, ._name, .git. */
const isHidden = (path: string): boolean => path.split('/').some((name) => name.startsWith('.'))

async function walk(entry: FileSystemEntry): Promise<DroppedFile[]> {
  if (isHidden(entry.name)) return []
  if (entry.isFile) {
    const blob = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    return [{ path: entry.fullPath.replace(/^\//, ''), blob }]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const all: DroppedFile[] = []
  // A reader gives at most a hundred entries at a time.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return all
    for (const one of some) all.push(...(await walk(one)))
  }
}
