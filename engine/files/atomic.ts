// A file appears whole or not at all: a crash, a full disk or a cancelled run never costs the file that was there before.
import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, lstat, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { PigmentError } from '../requests/error.ts'
import { fileError } from './file-error.ts'

/** A file that is being written: what a crash leaves of one is of no use to anybody. */
export const unfinished = /^\.pigment-[0-9a-f]{12}\.tmp$/
export const unfinishedName = (): string => `.pigment-${randomBytes(6).toString('hex')}.tmp`

type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

export interface WriteOptions {
  /** A link gets a file of its own in its place: in a Hugging Face cache others lead to the same file, which is called by its hash. */
  readonly replaceLink?: boolean
  /** What the first bytes become once all are written: of what is known only then, such as a hash of the rest. */
  readonly beginning?: () => Uint8Array
}

/**
 * Writes `bytes` (whole, or in pieces) to a sibling file, flushes it, and renames it over `path`, or over what a link of that name leads to.
 * Until then an existing file is untouched. Throws `disk-full`, `not-writable`, `folder-missing`, `is-folder` and the like; the sibling is removed.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | Chunks, options: WriteOptions = {}): Promise<void> {
  let temporary: string | undefined
  try {
    const target = options.replaceLink && (await isLink(path)) ? { path, mode: 0o666 } : await existingTarget(path)
    temporary = join(dirname(target.path), unfinishedName())
    const handle = await open(temporary, 'wx', target.mode)
    try {
      for await (const chunk of bytes instanceof Uint8Array ? [bytes] : bytes) await writeAll(handle, chunk)
      if (options.beginning) await writeAll(handle, options.beginning(), 0)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, target.path)
    temporary = undefined
    await flushFolder(dirname(target.path))
  } catch (error) {
    // The first error is the one to report: failing to clean up (the disk may be gone) must not hide it.
    if (temporary !== undefined) await rm(temporary, { force: true }).catch(() => undefined)
    throw fileError(error, path, 'write')
  }
}

const isLink = (path: string): Promise<boolean> =>
  lstat(path).then(
    (found) => found.isSymbolicLink(),
    () => false,
  )

/** Where the bytes really go (through a symbolic link) and with which permissions; refuses a folder or a write-protected file. */
async function existingTarget(path: string): Promise<{ path: string; mode: number }> {
  try {
    const target = await realpath(path)
    const found = await stat(target)
    if (found.isDirectory())
      throw new PigmentError('is-folder', `Cannot write "${path}". A folder of that name is already there. Choose another file name.`, {
        path,
      })
    // rename() asks only the folder, so a write-protected file would be replaced without this.
    await access(target, constants.W_OK)
    return { path: target, mode: found.mode & 0o777 }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { path, mode: 0o666 }
    throw error
  }
}

// One write() moves at most 2 GiB.
const largestWrite = 2 ** 30

/** At the end of what is written, or from a place in it. */
export async function writeAll(handle: Awaited<ReturnType<typeof open>>, bytes: Uint8Array, from?: number): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) {
    const { bytesWritten } = await handle.write(
      bytes,
      at,
      Math.min(bytes.byteLength - at, largestWrite),
      from === undefined ? null : from + at,
    )
    at += bytesWritten
  }
}

/** Makes the rename itself durable. Windows cannot open folders, and needs no flush of them. */
async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Some network disks refuse to flush folders; the file itself is already safe.
    if (!(error instanceof Error && 'code' in error && (error.code === 'EINVAL' || error.code === 'ENOTSUP'))) throw error
  } finally {
    await handle.close()
  }
}
