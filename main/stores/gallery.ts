// Pictures that were made here: PNG files that carry their own settings, and a journal that finds them.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { askedPrompts, gridAxis, storedForm } from '../api/methods/generate.ts'
import type { GalleryPicture } from '../api/methods/gallery.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { readRegular } from '../../engine/files/regular-file.ts'
import { readPngText } from '../../engine/images/formats/png-text.ts'
import { Journal } from './journal.ts'
import type { MediaNames } from './media.ts'
import type { Trash } from './trash.ts'

/** More than any picture that is drawn here; others in the folder are left alone. */
const largestPicture = 512 * 2 ** 20

const picture = z.object({
  id: z.string(),
  file: z.string(),
  kind: z.enum(['picture', 'grid']),
  at: z.number(),
  seconds: z.number(),
  width: z.number(),
  height: z.number(),
  form: storedForm,
  model: z.string(),
  adapters: z.array(z.object({ name: z.string(), weight: z.number() })),
  starred: z.boolean().default(false),
  job: z.string(),
  index: z.int().default(0),
  asked: askedPrompts.optional(),
  x: gridAxis.optional(),
  y: gridAxis.optional(),
  z: gridAxis.optional(),
  /** It was stopped after this step. */
  interrupted: z.int().optional(),
  /** Of a sheet: where which picture stands on it. */
  cells: z.array(z.object({ picture: z.string(), left: z.number(), top: z.number(), width: z.number(), height: z.number() })).optional(),
})
export type StoredPicture = z.output<typeof picture>

export class Gallery {
  readonly #folder: string
  readonly #journal: Journal<typeof picture>
  readonly #trash: Trash
  readonly #media: MediaNames

  private constructor(folder: string, journal: Journal<typeof picture>, trash: Trash, media: MediaNames) {
    this.#folder = folder
    this.#journal = journal
    this.#trash = trash
    this.#media = media
  }

  /** A lost journal is made again from what the pictures say of themselves. */
  static async open(folder: string, trash: Trash, media: MediaNames): Promise<Gallery> {
    const journal = await Journal.open(join(folder, 'gallery.jsonl'), picture)
    const gallery = new Gallery(folder, journal, trash, media)
    await gallery.#adopt()
    return gallery
  }

  fileOf(id: string): string {
    return join(this.#folder, `${id}.png`)
  }

  /** The newest first. */
  list(): StoredPicture[] {
    return this.#journal.values().sort((a, b) => b.at - a.at)
  }

  /** Throws `picture-unknown`. */
  get(id: string): StoredPicture {
    const found = this.#journal.get(id)
    if (found) return found
    throw new PigmentError('picture-unknown', 'This picture is not in the gallery any more.', { picture: id })
  }

  async add(one: StoredPicture): Promise<GalleryPicture> {
    await this.#journal.set(one.id, one)
    return this.describe(one)
  }

  async star(id: string, starred: boolean): Promise<GalleryPicture> {
    return this.add({ ...this.get(id), starred })
  }

  async remove(ids: readonly string[]): Promise<{ undo: string; removed: readonly GalleryPicture[] }> {
    const gone = ids.map((id) => this.get(id))
    const removed = gone.map((one) => this.describe(one))
    const undo = await this.#trash.move(
      'gallery',
      gone.map(({ id }) => this.fileOf(id)),
      gone,
    )
    for (const { id } of gone) await this.#journal.delete(id)
    return { undo, removed }
  }

  async restore(undo: string): Promise<readonly GalleryPicture[]> {
    const { facts } = await this.#trash.restore(undo, 'gallery')
    const back: GalleryPicture[] = []
    for (const one of z.array(picture).parse(facts)) back.push(await this.add(one))
    return back
  }

  describe({ file: _file, index: _index, ...one }: StoredPicture): GalleryPicture {
    return { ...one, media: this.#media.ofFile(this.fileOf(one.id), one.at) } as GalleryPicture
  }

  close(): Promise<void> {
    return this.#journal.close()
  }

  async #adopt(): Promise<void> {
    const names = await readdir(this.#folder)
    const present = new Set(names)
    for (const { id } of this.#journal.values()) if (!present.has(`${id}.png`)) await this.#journal.delete(id)
    for (const name of names) {
      const id = /^([\w-]{1,64})\.png$/.exec(name)?.[1]
      if (!id || this.#journal.get(id)) continue
      const path = this.fileOf(id)
      const said = await readRegular(path, largestPicture)
        .then((bytes) => readPngText(bytes, name, { omit: true }).find(({ keyword }) => keyword === 'pigment')?.text)
        .catch(() => undefined)
      const form = said === undefined ? undefined : storedForm.safeParse(readForm(said))
      if (!form?.success) continue
      const { mtimeMs } = await stat(path)
      const facts = {
        kind: 'picture' as const,
        asked: askedPrompts.safeParse(readForm(said ?? '', 'asked')).data,
        at: Math.round(mtimeMs),
        seconds: 0,
        width: 0,
        height: 0,
        model: '',
        adapters: [],
        job: 'adopted',
      }
      await this.#journal.set(id, picture.parse({ id, file: name, form: form.data, ...facts }))
    }
  }
}

/** The form in a `pigment` text, or what was asked for beside it; anything else is nothing. */
export function readForm(text: string, part: 'form' | 'asked' = 'form'): unknown {
  try {
    const value = JSON.parse(text) as { form?: unknown; asked?: unknown }
    return value[part]
  } catch {
    return undefined
  }
}
