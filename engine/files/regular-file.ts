// Files of strangers, asked what they are before they are opened: a named pipe under the name of a caption would hold a thread of the
// process for ever, and a file of gigabytes under it the memory.
import { constants, type Stats } from 'node:fs'
import { copyFile, open, stat, type FileHandle } from 'node:fs/promises'
import { basename } from 'node:path'
import { PigmentError } from '../requests/error.ts'

/** Where a pipe takes the place of the file after it was asked for, the opening does not wait. Windows has no such flag, and no such pipes. */
const readWithoutWaiting = constants.O_RDONLY | ((constants as Partial<typeof constants>).O_NONBLOCK ?? 0)
const chunk = 1 << 20

/** Facts of a regular file, through links. Throws what `stat` throws, and `not-a-file`. */
export async function regularFile(path: string): Promise<Stats> {
  return asked(path, await stat(path))
}

/** Opens a regular file for reading. Throws what `open` throws, and `not-a-file`. */
export async function openRegular(path: string): Promise<FileHandle> {
  await regularFile(path)
  const handle = await open(path, readWithoutWaiting)
  try {
    asked(path, await handle.stat())
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** The whole file, which may grow meanwhile: never more than `limit` bytes come into memory. Throws as `openRegular`, and `file-over-limit`. */
export async function readRegular(path: string, limit: number): Promise<Uint8Array> {
  await using handle = await openRegular(path)
  const { size } = await handle.stat()
  if (size > limit) throw tooLarge(path, size, limit)
  let bytes = new Uint8Array(size + 1)
  for (let length = 0; ;) {
    const { bytesRead } = await handle.read(bytes, length, bytes.byteLength - length, length)
    length += bytesRead
    if (length > limit) throw tooLarge(path, length, limit)
    if (bytesRead === 0) return bytes.subarray(0, length)
    if (length < bytes.byteLength) continue
    const larger = new Uint8Array(Math.min(limit + 1, length + chunk))
    larger.set(bytes)
    bytes = larger
  }
}

/** Copies a regular file to where nothing is yet. Throws as `regularFile` and `copyFile` do. */
export async function copyRegular(from: string, to: string): Promise<void> {
  await regularFile(from)
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
}

function asked(path: string, found: Stats): Stats {
  if (found.isFile()) return found
  if (found.isDirectory()) throw Object.assign(new Error(`EISDIR: illegal operation on a directory, "${path}"`), { code: 'EISDIR' })
  const what = found.isFIFO() ? 'a named pipe' : found.isSocket() ? 'a socket' : 'a device'
  throw new PigmentError('not-a-file', `"${basename(path)}" is ${what}, not a file. Remove it, or put a file in its place.`, {
    name: basename(path),
    path,
    what,
  })
}

function tooLarge(path: string, bytes: number, limit: number): PigmentError {
  const name = basename(path)
  return new PigmentError('file-over-limit', `"${name}" has ${bytes} bytes; ${limit} are read here. Make it smaller.`, {
    name,
    bytes,
    limit,
  })
}
