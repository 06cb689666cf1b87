// Zips from strangers. Only pictures and captions come out, under names of our own making, and never more than the limits say.
import { createWriteStream } from 'node:fs'
import { mkdir, statfs } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { fileError } from '../../engine/files/file-error.ts'
import { PigmentError } from '../../engine/spec/error.ts'
import { safeRelative } from '../stores/safe-name.ts'
import type { Task } from '../studio/tasks.ts'
import { isPicture } from './scan.ts'

export const zipLimits = { entries: 20_000, bytes: 8 * 2 ** 30, ratio: 100, slack: 16 * 2 ** 20 } as const

/** Throws `zip-refused` with the reason; what was written so far is the caller's to remove. */
export async function extractZip(path: string, folder: string, task: Task): Promise<void> {
  const refuse = (why: string): PigmentError =>
    new PigmentError('zip-refused', `"${basename(path)}" is not unpacked: ${why} Unpack it yourself and give the folder.`, { path, why })
  const zip = await open(path).catch((cause: unknown) => {
    throw cause instanceof Error && 'syscall' in cause
      ? fileError(cause, path, 'read')
      : refuse(`it is damaged (${String((cause as Error).message)}).`)
  })
  try {
    await mkdir(folder, { recursive: true })
    if (zip.entryCount > zipLimits.entries) throw refuse(`it lists ${zip.entryCount} entries; ${zipLimits.entries} are allowed.`)
    const { bavail, bsize } = await statfs(folder)
    let [done, total] = [0, 0]
    for await (const entry of entriesOf(zip)) {
      task.signal.throwIfAborted()
      task.progress(++done, zip.entryCount, 'unpacking')
      const name = basename(entry.fileName)
      const wanted = !entry.fileName.endsWith('/') && (isPicture(name) || /\.(txt|caption)$/i.test(name))
      if (!wanted || isLink(entry)) continue
      if (entry.isEncrypted()) throw refuse('it is encrypted.')
      const allowed = Math.min(zipLimits.bytes - total, bavail * bsize - total, zipLimits.slack + entry.compressedSize * zipLimits.ratio)
      const target = join(folder, ...safeRelative(entry.fileName))
      await mkdir(dirname(target), { recursive: true })
      // What the headers claim is not believed: the bytes that come out are counted.
      total += await inflate(await stream(zip, entry), target, allowed, () => refuse('it grows far beyond its size (a zip bomb?).'))
    }
  } catch (error) {
    if (error instanceof PigmentError || task.signal.aborted) throw error
    throw error instanceof Error && 'syscall' in error
      ? fileError(error, folder, 'write')
      : refuse(`it is damaged (${String((error as Error).message)}).`)
  } finally {
    zip.close()
  }
}

function open(path: string): Promise<ZipFile> {
  return yauzl.openPromise(path, { lazyEntries: true, autoClose: false, validateEntrySizes: true, strictFileNames: false })
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  yield* zip.eachEntry()
}

const stream = (zip: ZipFile, entry: Entry): Promise<Readable> => zip.openReadStreamPromise(entry)

async function inflate(from: Readable, target: string, allowed: number, refuse: () => PigmentError): Promise<number> {
  let bytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, next) {
      bytes += chunk.byteLength
      next(bytes > allowed ? refuse() : null, chunk)
    },
  })
  await pipeline(from, count, createWriteStream(target, { flags: 'wx', mode: 0o600 })).catch((error: NodeJS.ErrnoException) => {
    // The same name twice: the first one stays.
    if (error.code !== 'EEXIST') throw error
  })
  return bytes
}

/** Unix mode in the upper half of the external attributes. */
function isLink(entry: Entry): boolean {
  return ((entry.externalFileAttributes >>> 16) & 0o170000) === 0o120000
}
