// The names in a folder of a data set, each with what it is. Links count as what they lead to.
import { opendir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Ask } from '../files/answering.ts'
import { systemLimit } from '../files/file-error.ts'
import { PigmentError } from '../requests/error.ts'

export interface Listing {
  readonly files: readonly string[]
  readonly folders: readonly string[]
  /** Pipes, sockets and devices. */
  readonly others: readonly string[]
}

/** Throws `dataset-missing` and `dataset-unreadable`. */
export async function listFolder(directory: string, ask: Ask): Promise<Listing> {
  const [files, folders, others]: [string[], string[], string[]] = [[], [], []]
  try {
    // In portions, each of which is an answer: a folder of a hundred thousand names may take its time on a slow share.
    await using opened = await ask(() => opendir(directory, { bufferSize: 256 }))
    for (;;) {
      const entry = await ask(() => opened.read())
      if (!entry) return { files, folders, others }
      const { name } = entry
      if (name.startsWith('.')) continue
      if (entry.isFile()) files.push(name)
      else if (entry.isDirectory()) folders.push(name)
      else if (!entry.isSymbolicLink()) others.push(name)
      else {
        const found = await ask(() => stat(join(directory, name)).catch(() => undefined))
        // One that leads nowhere is a file that cannot be read.
        if (found?.isDirectory()) folders.push(name)
        else if (!found || found.isFile()) files.push(name)
        else others.push(name)
      }
    }
  } catch (cause) {
    if (cause instanceof PigmentError) throw cause
    const { code: system } = cause as NodeJS.ErrnoException
    const gone = system === 'ENOENT'
    if (system === 'ENOTDIR') throw notAFolder(directory, cause)
    throw (
      systemLimit(cause, directory) ??
      new PigmentError(
        gone ? 'dataset-missing' : 'dataset-unreadable',
        gone
          ? `The folder "${basename(directory)}" is not at "${directory}" now. Plug the disk in or move the folder back; nothing is lost.`
          : `The folder "${directory}" may not be read (${system}). Change its permissions, or copy it to a folder of yours.`,
        { directory, system },
        cause,
      )
    )
  }
}

const notAFolder = (directory: string, cause: unknown): PigmentError =>
  new PigmentError(
    'dataset-missing',
    `"${directory}" is not a folder. Choose the folder with the pictures; unpack an archive first.`,
    { directory, system: 'ENOTDIR' },
    cause,
  )
