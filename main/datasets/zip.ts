// Zips from strangers. Only pictures, captions and lists of them come out, under names of our own making, and never more than the limits say.
import { mkdir, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { isUnreadList, listNames } from '../../engine/datasets/caption-lists.ts'
import { isCaptionName } from '../../engine/datasets/pairs.ts'
import type { LeftOut } from '../../engine/datasets/scan-folder.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { regularFile } from '../../engine/files/regular-file.ts'
import { inflate, isLink, overlap } from '../../engine/files/zip-entries.ts'
import { isOtherPictureName, isPictureName, readableFormats } from '../../engine/images/picture-formats.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { safeRelative } from '../stores/safe-name.ts'
import type { Task } from '../processes/tasks.ts'
import { decoded, encodingOf } from './zip-names.ts'

/** Of the whole archive. Pictures hardly shrink, so `ratio` times its size and a little more is never reached by one that holds them. */
export const zipLimits = { entries: 20_000, bytes: 8 * 2 ** 30, ratio: 100, slack: 16 * 2 ** 20, reserve: 256 * 2 ** 20 } as const

/** Gives what was left in it. Throws `zip-refused` with the reason; what was written so far is the caller's to remove. */
export async function extractZip(path: string, folder: string, task: Task): Promise<readonly LeftOut[]> {
  const refuse = (why: string): PigmentError =>
    new PigmentError('zip-refused', `"${basename(path)}" is not unpacked: ${why} Unpack it yourself and give the folder.`, { path, why })
  const { size } = await regularFile(path).catch((error: unknown) => {
    throw fileError(error, path, 'read')
  })
  const zip = await open(path).catch((cause: unknown) => {
    throw cause instanceof Error && 'syscall' in cause
      ? fileError(cause, path, 'read')
      : refuse(`it is damaged (${String((cause as Error).message)}).`)
  })
  try {
    await mkdir(folder, { recursive: true })
    if (zip.entryCount > zipLimits.entries) throw refuse(`it lists ${zip.entryCount} entries; ${zipLimits.entries} are allowed.`)
    const entries = await named(zip, task)
    if (overlap(entries.map(({ entry }) => entry))) throw refuse('its entries lie over one another (a zip bomb?).')
    const { bavail, bsize } = await statfs(folder)
    let room = Math.min(zipLimits.bytes, zipLimits.slack + size * zipLimits.ratio, bavail * bsize - zipLimits.reserve)
    const leftOut: LeftOut[] = []
    for (const [i, { entry, name }] of entries.entries()) {
      task.signal.throwIfAborted()
      task.progress(i, entries.length, 'unpacking')
      const reason = entryLeftOut(entry, name)
      if (reason) leftOut.push({ path: name, record: { code: 'left-out-picture', message: reason, facts: { name: basename(name) } } })
      if (reason !== undefined) continue
      if (entry.isEncrypted()) throw refuse('it is encrypted.')
      const target = join(folder, ...safeRelative(name))
      await mkdir(dirname(target), { recursive: true })
      // What the headers claim is not believed: the bytes that come out are counted.
      room -= await inflate(await stream(zip, entry), target, room, task.signal, () =>
        refuse('it grows far beyond its size (a zip bomb?), or beyond the disk.'),
      )
    }
    return leftOut
  } catch (error) {
    if (error instanceof PigmentError || task.signal.aborted) throw error
    throw error instanceof Error && 'syscall' in error
      ? fileError(error, folder, 'write')
      : refuse(`it is damaged (${String((error as Error).message)}).`)
  } finally {
    zip.close()
  }
}

/** Why an entry stays in the archive: '' where there is nothing to say of it, undefined where it comes out. */
function entryLeftOut(entry: Entry, name: string): string | undefined {
  const last = basename(name)
  // What macOS packs beside each file is no picture.
  if (name.endsWith('/') || last.startsWith('.') || name.startsWith('__MACOSX/')) return ''
  const wanted = isPictureName(last) || isCaptionName(last) || listNames([last]).length > 0 || isUnreadList(last)
  if (wanted && isLink(entry)) return `"${last}" is a link, which is not unpacked. Pack the file itself.`
  if (wanted) return undefined
  return isOtherPictureName(last) ? `"${last}" is left out: pictures are ${readableFormats}. Save it as PNG or JPEG.` : ''
}

function open(path: string): Promise<ZipFile> {
  return yauzl.openPromise(path, {
    lazyEntries: true,
    autoClose: false,
    validateEntrySizes: true,
    strictFileNames: false,
    decodeStrings: false,
  })
}

/** All entries with their names, which together tell how they are written. Throws where a name leaves its folder. */
async function named(zip: ZipFile, task: Task): Promise<readonly { readonly entry: Entry; readonly name: string }[]> {
  const entries: Entry[] = []
  for await (const entry of zip.eachEntry()) {
    task.signal.throwIfAborted()
    entries.push(entry)
  }
  const silent = entries.filter((entry) => !saysItsName(entry)).map(({ fileNameRaw }) => fileNameRaw)
  const encoding = encodingOf(silent)
  return entries.map((entry) => {
    const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry
    const own = saysItsName(entry) || encoding === undefined ? undefined : decoded(fileNameRaw, encoding)
    const name = (own ?? yauzl.getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false)).replaceAll('\\', '/')
    const wrong = yauzl.validateFileName(name)
    if (wrong) throw new Error(wrong)
    return { entry, name }
  })
}

/** By the flag for UTF-8, or by Info-ZIP's field for it. */
const saysItsName = ({ generalPurposeBitFlag, extraFields }: Entry): boolean =>
  (generalPurposeBitFlag & 0x800) !== 0 || extraFields.some(({ id }) => id === 0x7075)

const stream = (zip: ZipFile, entry: Entry): Promise<Readable> => zip.openReadStreamPromise(entry)
