// What to bring of given folders, files and zips: pictures with their captions, whatever names those, and what is left out with the reason.
import { realpath } from 'node:fs/promises'
import { basename, dirname, extname, join, relative } from 'node:path'
import { captionsFromLists, type PlacedList } from '../../engine/datasets/list-captions.ts'
import { isUnreadList, listNames, readCaptionList } from '../../engine/datasets/caption-lists.ts'
import { listFolder, type Listing } from '../../engine/datasets/list-folder.ts'
import { isCaptionName, pairNames } from '../../engine/datasets/pairs.ts'
import { namedOnly, type LeftOut } from '../../engine/datasets/scan-folder.ts'
import { answering } from '../../engine/files/answering.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { openRegular, regularFile } from '../../engine/files/regular-file.ts'
import { isForeignName, isOtherPictureName, isPictureName, readableFormats, sniffPicture } from '../../engine/images/picture-formats.ts'
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import { safeName } from '../stores/safe-name.ts'
import type { Task } from '../processes/tasks.ts'

const mostEntries = 500_000
const deepest = 16
const mostCaptionBytes = 2 ** 20

export interface Wanted {
  readonly from: string
  /** `10_name/picture.png` or `picture.png`. */
  readonly to: string
  readonly bytes: number
  /** A file, or what a list says. */
  readonly caption?: { readonly file: string } | { readonly text: string }
}

/** Gathers from any number of places. */
export class Gathering {
  readonly wanted: Wanted[] = []
  readonly leftOut: LeftOut[] = []
  readonly #lists: (PlacedList & { readonly at: string })[] = []
  readonly #seen = new Set<string>()
  readonly #task: Task

  constructor(task: Task) {
    this.#task = task
  }

  /** Everything in a folder. Kohya's `10_name` keeps its folder; what lies in others comes together in the set's own. */
  async folder(folder: string, name = basename(folder), label = '', depth = 0): Promise<void> {
    this.#task.signal.throwIfAborted()
    // Links may lead back to where they are.
    const real = await realpath(folder).catch(() => folder)
    if (this.#seen.has(real)) return
    this.#seen.add(real)
    const listing = await answering(folder, (ask) => listFolder(folder, ask)).catch((error: unknown) => {
      const cause = error instanceof Error ? error.cause : undefined
      throw cause ? fileError(cause, folder, 'read') : error
    })
    await this.#take(folder, listing, /^[1-9]\d{0,3}_/.test(name) ? safeName(name) : '', label)
    for (const inside of depth < deepest ? listing.folders : [])
      await this.folder(join(folder, inside), inside, label ? `${label}/${inside}` : inside, depth + 1)
  }

  /** Files given by name; those of one folder belong together. */
  async files(paths: readonly string[]): Promise<void> {
    for (const [folder, names] of Map.groupBy(paths, dirname)) {
      const files = names.map((path) => basename(path))
      await this.#take(folder, { files, folders: [], others: [] }, '', '')
      for (const name of files.filter((one) => !isKnown(one))) {
        const message = `"${name}" is left out: pictures are ${readableFormats}, captions are .txt. Save it as one of these.`
        this.leftOut.push({ path: name, record: { code: 'left-out-picture', message, facts: { name } } })
      }
    }
  }

  /** The pictures, with what lists say of those that have no file for it. */
  done(): readonly Wanted[] {
    const captions = new Map<Wanted, string>()
    for (const { at, ...list } of this.#lists.toSorted((a, b) => a.at.length - b.at.length)) {
      const inside = this.wanted.flatMap((one) => {
        const folder = relative(at, dirname(one.from)).replaceAll('\\', '/')
        return folder.startsWith('..') ? [] : [{ folder, name: basename(one.from), one }]
      })
      const { captions: found, problems } = captionsFromLists([list], inside)
      this.leftOut.push(...problems)
      for (const place of inside) if (found.has(place)) captions.set(place.one, found.get(place) ?? '')
    }
    return this.wanted.map((one) => {
      const text = captions.get(one)
      return one.caption || text === undefined ? one : { ...one, caption: { text } }
    })
  }

  async #take(folder: string, listing: Listing, own: string, label: string): Promise<void> {
    const { pairs, alone } = pairNames(listing.files)
    this.leftOut.push(...namedOnly(label, listing, alone))
    for (const name of listNames(listing.files))
      this.#lists.push({ name, folder: '', at: folder, ...(await readCaptionList(join(folder, name), name)) })
    for (const { picture, caption } of pairs) {
      this.#task.signal.throwIfAborted()
      const path = label ? `${label}/${picture}` : picture
      try {
        const bytes = await sizeOfPicture(join(folder, picture))
        const name = safeName(picture)
        const file = caption === undefined ? undefined : await this.#captionFile(join(folder, caption), label)
        this.wanted.push({ from: join(folder, picture), to: own ? `${own}/${name}` : name, bytes, ...(file ? { caption: { file } } : {}) })
      } catch (error) {
        this.leftOut.push({ path, record: errorRecord(fileError(error, join(folder, picture), 'read')) })
      }
      if (this.wanted.length > mostEntries)
        throw new PigmentError('dataset-too-large', `These are more than ${mostEntries} files.`, { limit: mostEntries })
    }
    this.#task.progress(this.wanted.length, this.wanted.length + 1, 'looking')
  }

  async #captionFile(file: string, label: string): Promise<string | undefined> {
    try {
      const { size } = await regularFile(file)
      if (size <= mostCaptionBytes) return file
      throw new PigmentError('caption-too-long', `The caption file "${basename(file)}" has ${size} bytes. Shorten it.`, {})
    } catch (error) {
      const path = label ? `${label}/${basename(file)}` : basename(file)
      this.leftOut.push({ path, record: errorRecord(fileError(error, file, 'read')) })
      return undefined
    }
  }
}

const isKnown = (name: string): boolean =>
  isPictureName(name) || isCaptionName(name) || isOtherPictureName(name) || isUnreadList(name) || listNames([name]).length > 0

/** Asked of its content only where its name tells a format that is not read: others are shown with what is wrong with them. */
async function sizeOfPicture(path: string): Promise<number> {
  const { size } = await regularFile(path)
  if (isForeignName(path)) {
    await using handle = await openRegular(path)
    const head = new Uint8Array(64)
    const { bytesRead } = await handle.read(head, 0, head.byteLength, 0)
    sniffPicture(head.subarray(0, bytesRead), basename(path))
  }
  return size
}

/** The ending that a caption gets beside its picture here. */
export const captionEnding = (file: string): string => (extname(file).toLowerCase() === '.caption' ? '.caption' : '.txt')
