// What a shared library is made for and which others it asks the system's loader for, read from the file itself, without loading it.
import { basename } from 'node:path'
import type { FileHandle } from 'node:fs/promises'
import { openRegular } from '../files/regular-file.ts'
import { PigmentError } from '../requests/error.ts'
import { readElf } from './elf.ts'
import { readPe } from './pe.ts'

export interface SharedLibrary {
  /** What can load it, e.g. `linux-x64`. */
  readonly system: string
  /** The libraries that it asks for, in its order. */
  readonly needed: readonly string[]
  /** The name by which others ask for it. */
  readonly soname?: string
  /** Of a Windows library: what its resources say. */
  readonly version?: string
}

/** `length` bytes of a file from a position; fewer where it ends. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>

export const readerOf =
  (handle: FileHandle): ReadAt =>
  async (position, length) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
    return buffer.subarray(0, bytesRead)
  }

/** Undefined for a file that is no library of Linux or Windows. Throws what opening throws, and `library-damaged`. */
export async function readLibrary(path: string): Promise<SharedLibrary | undefined> {
  await using handle = await openRegular(path)
  const read = readerOf(handle)
  try {
    return (await readElf(read)) ?? (await readPe(read))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new PigmentError(
      'library-damaged',
      `"${basename(path)}" is cut off or damaged: ${error.message}. Download or copy it again.`,
      { path, name: basename(path) },
      error,
    )
  }
}
