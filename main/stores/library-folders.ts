// Folders of other programs whose adapters are used where they are: nothing in them is ever changed.
import { createHash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { z } from 'zod'
import { answering } from '../../engine/files/answering.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { Journal } from './journal.ts'

const folder = z.object({ id: z.string(), path: z.string() })
type Folder = z.output<typeof folder>

export class LibraryFolders {
  readonly #own: string
  readonly #journal: Journal<typeof folder>

  private constructor(own: string, journal: Journal<typeof folder>) {
    this.#own = own
    this.#journal = journal
  }

  static async open(own: string): Promise<LibraryFolders> {
    return new LibraryFolders(own, await Journal.open(join(own, 'folders.jsonl'), folder))
  }

  list(): Folder[] {
    return this.#journal.values()
  }

  /** Throws `library-folder-expected`, `library-folder-known`, and why it cannot be read. */
  async add(given: string): Promise<Folder> {
    const path = resolve(given)
    const real = await answering(path, (ask) =>
      ask(async () => {
        if ((await stat(path)).isDirectory()) return realpath(path)
        throw new PigmentError('library-folder-expected', `"${path}" is a file. Choose a folder of adapters.`, { path })
      }),
    ).catch((error: unknown) => {
      throw fileError(error, path, 'read')
    })
    for (const known of [this.#own, ...this.list().map((one) => one.path)]) {
      const there = await realpath(known).catch(() => known)
      if (isInside(there, real) || isInside(real, there))
        throw new PigmentError(
          'library-folder-known',
          `"${path}" is watched already, or lies in "${known}" or around it. Choose another folder, or take that one out first.`,
          { path, known },
        )
    }
    const made = { id: `f${createHash('sha256').update(path).digest('hex').slice(0, 15)}`, path }
    await this.#journal.set(made.id, made)
    return made
  }

  /** Throws `library-folder-unknown`. */
  async remove(id: string): Promise<Folder> {
    const found = this.#journal.get(id)
    if (!found) throw new PigmentError('library-folder-unknown', 'This folder is not watched any more.', { folder: id })
    await this.#journal.delete(id)
    return found
  }

  close(): Promise<void> {
    return this.#journal.close()
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path && !/^[a-z]:/i.test(way))
}
