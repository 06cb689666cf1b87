// The pictures and captions of a data set's folder, by name and date only: what the studio shows and what training reads.

import { join } from 'node:path'
import { answering, type Ask } from '../files/answering.ts'
import { isOtherPictureName, readableFormats } from '../images/picture-formats.ts'
import { errorRecord, PigmentError, type ErrorRecord } from '../requests/error.ts'
import { isUnreadList, listNames, listProblem, readCaptionList } from './caption-lists.ts'
import { captionsFromLists, type PlacedList } from './list-captions.ts'
import { listFolder, type Listing } from './list-folder.ts'
import { lookAt, type Found, type Placed } from './found.ts'
import { pairNames } from './pairs.ts'

export interface LeftOut {
  /** Of a file, a folder or a list, relative to the set, with `/`. */
  readonly path: string
  readonly record: ErrorRecord
}
export interface FolderScan {
  readonly found: ReadonlyMap<string, Found>
  /** A folder with 0 repeats is left out: its name does not tell them. */
  readonly folders: readonly { readonly path: string; readonly repeats: number; readonly pictures: number }[]
  /** What else looks like a picture, a caption or a list of them, each with the reason. */
  readonly leftOut: readonly LeftOut[]
}

const kohya = /^(\d{1,5})_(.*)$/
const MAX_REPEATS = 10_000
const MAX_PICTURES = 200_000
/** Few, so that a disk that goes meanwhile does not hold every thread. */
const AT_ONCE = 4

/**
 * The set's own folder and its `10_name` folders. What is `known` of an earlier scan is not read again where its file is the same.
 * Throws `dataset-missing`, `dataset-unreadable`, `dataset-too-large` and `folder-not-answering`.
 */
export async function scanFolder(root: string, known?: ReadonlyMap<string, Found>, wait?: number): Promise<FolderScan> {
  return answering(root, (ask) => scan(root, ask, known), wait)
}

async function scan(root: string, ask: Ask, known?: ReadonlyMap<string, Found>): Promise<FolderScan> {
  const top = await listFolder(root, ask)
  const leftOut: LeftOut[] = []
  const read = [{ path: '', repeats: 1, listing: top }]
  const ignored: { path: string; repeats: number; pictures: number }[] = []
  for (const path of top.folders) {
    const listing = await listFolder(join(root, path), ask).catch((error: unknown) => {
      // One that cannot be read must not hide the others.
      if (error instanceof PigmentError && error.code === 'folder-not-answering') throw error
      leftOut.push({ path, record: errorRecord(error) })
    })
    if (!listing) continue
    const repeats = repeatsOf(path)
    if (repeats > 0) read.push({ path, repeats, listing })
    else {
      ignored.push({ path, repeats, pictures: pairNames(listing.files).pairs.length })
      leftOut.push({ path, record: folderIgnored(path) })
    }
  }
  const [wanted, lists]: [Placed[], PlacedList[]] = [[], []]
  for (const { path, repeats, listing } of read) {
    const { pairs, alone } = pairNames(listing.files)
    wanted.push(...pairs.map((pair) => ({ root, folder: path, repeats, pair })))
    for (const name of listNames(listing.files))
      lists.push({ name, folder: path, ...(await ask(() => readCaptionList(join(root, path, name), name))) })
    leftOut.push(...namedOnly(path, listing, alone))
  }
  if (wanted.length > MAX_PICTURES) throw tooMany(root, wanted.length)
  const places = wanted.map(({ folder, pair }) => ({ folder, name: pair.picture }))
  const listed = captionsFromLists(lists, places)
  leftOut.push(...listed.problems)
  const found: (Found | undefined)[] = Array.from({ length: wanted.length })
  const pending = wanted.entries()
  const worker = async (): Promise<void> => {
    for (const [i, one] of pending) {
      const caption = places[i] && listed.captions.get(places[i])
      found[i] = await lookAt(caption === undefined ? one : { ...one, listed: caption }, ask, known)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  // A folder that went while it was looked at is missing; it does not hold fewer pictures.
  if (found.some((one) => !one || one.captionProblem)) await listFolder(root, ask)
  for (const [i, one] of found.entries()) if (!one && wanted[i]) leftOut.push(notRead(wanted[i]))
  const pictures = found.filter((one) => one !== undefined).sort(byPath)
  return {
    found: new Map(pictures.map((one) => [one.id, one])),
    folders: [
      ...read.map(({ path, repeats }) => ({ path, repeats, pictures: pictures.filter(({ folder }) => folder === path).length })),
      ...ignored.filter((folder) => folder.pictures > 0),
    ],
    leftOut: leftOut.sort(byPath),
  }
}

const repeatsOf = (folder: string): number => {
  const repeats = Number(kohya.exec(folder)?.[1] ?? 0)
  return repeats <= MAX_REPEATS ? repeats : 0
}
/** The words of a folder's name, which stand for captions that are missing. */
export const wordsOf = (folder: string): string => kohya.exec(folder)?.[2] ?? folder

/** What is known by its name not to be of use: other formats, lists that are not read, captions of nothing, and what is no file. */
export function namedOnly(folder: string, { files, others }: Listing, alone: readonly string[]): LeftOut[] {
  const at = (name: string, record: Omit<ErrorRecord, 'facts'> & { facts?: ErrorRecord['facts'] }): LeftOut => ({
    path: folder ? `${folder}/${name}` : name,
    record: { facts: { name }, ...record },
  })
  return [
    ...files
      .filter(isOtherPictureName)
      .map((name) =>
        at(name, { code: 'left-out-picture', message: `"${name}" is left out: pictures are ${readableFormats}. Save it as PNG or JPEG.` }),
      ),
    ...files
      .filter(isUnreadList)
      .map((name) => at(name, listProblem(name, 'Of lists, metadata.jsonl and the meta_cap.json of sd-scripts are read.'))),
    ...alone.map((name) =>
      at(name, {
        code: 'left-out-caption',
        message: `"${name}" is a caption without a picture: none is called "${name.replace(/\.\w+$/, '')}".`,
      }),
    ),
    ...others.map((name) => at(name, { code: 'not-a-file', message: `"${name}" is a pipe, a socket or a device, not a file. Remove it.` })),
  ]
}

function notRead({ folder, pair }: Placed): LeftOut {
  const name = pair.picture
  const message = `"${name}" cannot be read: it is a link to what is not there, or no file. Put the picture in its place, or remove it.`
  return { path: folder ? `${folder}/${name}` : name, record: { code: 'picture-missing', message, facts: { name } } }
}

function folderIgnored(folder: string): ErrorRecord {
  const sentence = `The folder "${folder}" is left out: only folders named like "10_name" (1 to ${MAX_REPEATS} repeats) are read. Rename it to use its pictures.`
  return { code: 'folder-ignored', message: sentence, facts: { folder } }
}

function tooMany(root: string, count: number): PigmentError {
  const sentence = `"${root}" holds ${count} pictures; ${MAX_PICTURES} are allowed. Choose a smaller folder.`
  return new PigmentError('dataset-too-large', sentence, { directory: root, count, limit: MAX_PICTURES })
}

/** By code point, the same on every system and in every locale. */
export function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  return Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))
}
