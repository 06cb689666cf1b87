// Deleted things are moved, not erased, and come back as they were; so do files that others were written over.
import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { copyRegular } from '../../engine/files/regular-file.ts'
import { PigmentError } from '../../engine/requests/error.ts'

const record = z.object({
  what: z.string(),
  at: z.number(),
  moved: z.array(z.object({ from: z.string(), name: z.string() })),
  /** What the owner needs to take it back into its lists. */
  facts: z.unknown(),
})
export type TrashRecord = z.infer<typeof record>

const keptDays = 30

export class Trash {
  readonly #folder: string
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Moves files or folders away; missing ones are passed over. Gives the name to restore them by. */
  async move(what: string, paths: readonly string[], facts: unknown = null): Promise<string> {
    const { id, folder, moved } = await this.#begin(what, paths, facts)
    for (const { from, name } of moved) await moveFile(from, join(folder, name))
    return id
  }

  /** Copies of files that others are about to be written over. Gives the name to put them back by. */
  async keep(what: string, paths: readonly string[]): Promise<string> {
    const { id, folder, moved } = await this.#begin(what, paths, null)
    for (const { from, name } of moved)
      await copyRegular(from, join(folder, name)).catch(async (error: unknown) => {
        await rm(folder, { recursive: true, force: true })
        throw fileError(error, join(folder, name), 'write')
      })
    return id
  }

  /** Puts kept files back over what stands in their places, each whole or not at all. Throws `trash-missing`. */
  async putBack(id: string, what: string): Promise<void> {
    const { folder, moved } = await this.#find(id, what)
    for (const { from, name } of moved) await writeFileAtomic(from, createReadStream(join(folder, name)), { replaceLink: true })
    await rm(folder, { recursive: true, force: true })
  }

  /** Brings everything back. Throws `trash-missing`; a file whose place is taken stays in the trash and is named in `trash-conflict`. */
  async restore(id: string, what: string): Promise<TrashRecord> {
    const { folder, ...found } = await this.#find(id, what)
    for (const { from } of found.moved)
      if (await exists(from))
        throw new PigmentError('trash-conflict', `"${from}" is there again, so it is not overwritten. Rename it and restore again.`, {
          path: from,
        })
    for (const { from, name } of found.moved) {
      await mkdir(dirname(from), { recursive: true })
      await moveFile(join(folder, name), from)
    }
    await rm(folder, { recursive: true, force: true })
    return found
  }

  /** Removes for good what lies there for more than 30 days. */
  async sweep(now = Date.now()): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      const age = now - parseInt(name.split('-')[0] ?? '', 36)
      if (age > keptDays * 86_400_000) await rm(join(this.#folder, name), { recursive: true, force: true })
    }
  }

  /** A place for things, and the list of them. The list comes first: whatever happens then, each file is at one of two known places. */
  async #begin(
    what: string,
    paths: readonly string[],
    facts: unknown,
  ): Promise<{ id: string; folder: string; moved: TrashRecord['moved'] }> {
    const id = `${Date.now().toString(36)}-${randomBytes(6).toString('hex')}`
    const folder = join(this.#folder, id)
    const moved = paths.map((from, i) => ({ from, name: `${i}` }))
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw fileError(error, folder, 'write')
    })
    await writeFileAtomic(join(folder, 'record.json'), new TextEncoder().encode(JSON.stringify({ what, at: Date.now(), moved, facts })))
    return { id, folder, moved }
  }

  async #find(id: string, what: string): Promise<TrashRecord & { folder: string }> {
    const folder = join(this.#folder, id)
    const found = await readFile(join(folder, 'record.json'), 'utf8').then(
      (text) => record.parse(JSON.parse(text)),
      () => undefined,
    )
    if (found?.what === what) return { ...found, folder }
    throw new PigmentError('trash-missing', 'This is no longer in the trash. It was restored already, or removed for good.', { id })
  }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** Renames; across disks it copies first and removes after. */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' && !(await exists(from))) return
    if (code !== 'EXDEV') throw fileError(error, from, 'write')
    await cp(from, to, { recursive: true, force: false, errorOnExist: true }).catch((cause: unknown) => {
      throw fileError(cause, to, 'write')
    })
    await rm(from, { recursive: true, force: true })
  }
}
