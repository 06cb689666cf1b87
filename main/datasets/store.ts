// The list of data sets: those of Pigment's own, those of the person's folders, and the samples that come with it.
import { createHash, randomBytes } from 'node:crypto'
import { cp, mkdir, readdir, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { answering } from '../../engine/files/answering.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { assetPath } from '../places/asset-path.ts'
import type { Places } from '../places/places.ts'
import { Journal } from '../stores/journal.ts'
import type { Trash } from '../stores/trash.ts'
import { safeName } from '../stores/safe-name.ts'
import type { ToolsProcess } from '../operations/workers.ts'
import { FactsIndex } from './facts.ts'
import { History } from './history.ts'
import { OpenDataset } from './open-dataset.ts'

const entry = z.object({
  id: z.string(),
  name: z.string(),
  path: z.string(),
  trigger: z.string().default(''),
  /** The model that it is meant for, null for the embedded one; and a resolution other than the model's. */
  model: z.string().nullable().default(null),
  resolution: z.int().nullable().default(null),
  /** The folder is Pigment's: removing the set moves it to the trash. */
  owned: z.boolean(),
  sample: z.boolean().default(false),
  changedAt: z.number(),
})
export type DatasetEntry = z.infer<typeof entry>

const samplesFolder = assetPath('samples')
const sampleFacts: Readonly<Record<string, { readonly name: string; readonly trigger: string }>> = {
  'black-ink': { name: 'Black ink', trigger: 'blackink' },
  'comic-outline': { name: 'Comic outline', trigger: 'comicline' },
}

export interface DatasetStoreOptions {
  readonly places: Places
  readonly trash: Trash
  readonly tools: ToolsProcess
  readonly changed: (id: string, items: readonly string[] | 'all') => void
}

export class DatasetStore {
  readonly #options: DatasetStoreOptions
  readonly #entries: Journal<typeof entry>
  readonly #samples: ReadonlyMap<string, DatasetEntry>
  readonly #open = new Map<string, Promise<OpenDataset>>()

  private constructor(options: DatasetStoreOptions, entries: Journal<typeof entry>, samples: ReadonlyMap<string, DatasetEntry>) {
    this.#options = options
    this.#entries = entries
    this.#samples = samples
  }

  static async open(options: DatasetStoreOptions): Promise<DatasetStore> {
    const entries = await Journal.open(join(options.places.root, 'datasets.jsonl'), entry)
    const samples = new Map<string, DatasetEntry>()
    for (const name of (await readdir(samplesFolder).catch(() => [])).sort()) {
      const facts = sampleFacts[name]
      const id = `sample-${name}`
      const path = join(samplesFolder, name)
      if (facts) samples.set(id, { id, ...facts, path, model: null, resolution: null, owned: false, sample: true, changedAt: 0 })
    }
    return new DatasetStore(options, entries, samples)
  }

  /** One's own first; a sample until it was edited or removed. */
  list(): DatasetEntry[] {
    const own = this.#entries.values().sort((a, b) => b.changedAt - a.changedAt)
    const known = new Set(own.map(({ id }) => id))
    return [...own.filter(({ path }) => path !== ''), ...[...this.#samples.values()].filter(({ id }) => !known.has(id))]
  }

  /** Throws `dataset-unknown`. */
  entry(id: string): DatasetEntry {
    const found = this.list().find((one) => one.id === id)
    if (found) return found
    throw new PigmentError('dataset-unknown', 'This data set is not in the list any more.', { dataset: id })
  }

  async use(id: string): Promise<OpenDataset> {
    const { path } = this.entry(id)
    const known = this.#open.get(id)
    if (known) return known
    const { places, trash, tools, changed } = this.#options
    const opening = (async () =>
      OpenDataset.open({
        root: path,
        facts: await FactsIndex.open(places.indexes, id, tools),
        history: await History.open(places.indexes, id),
        trash,
        changed: (items) => changed(id, items),
      }))()
    this.#open.set(id, opening)
    opening.catch(() => this.#open.delete(id))
    return opening
  }

  /** The set ready for changes: a sample is copied to a folder of Pigment's first. */
  async edit(id: string): Promise<OpenDataset> {
    const found = this.entry(id)
    if (found.sample) {
      const path = await this.newFolder(found.name)
      await cp(found.path, path, { recursive: true }).catch((error: unknown) => {
        throw fileError(error, path, 'write')
      })
      await this.#forget(id)
      await this.#entries.set(id, { ...found, path, owned: true, sample: false, changedAt: Date.now() })
    }
    return this.use(id)
  }

  /** A fresh folder of Pigment's, named after the set. */
  async newFolder(name: string): Promise<string> {
    for (let i = 1; ; i++) {
      const path = join(this.#options.places.datasets, i === 1 ? safeName(name) : `${safeName(name)} ${i}`)
      try {
        await mkdir(path)
        return path
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(error, path, 'write')
      }
    }
  }

  async add(name: string, path: string, owned: boolean): Promise<DatasetEntry> {
    const found = await answering(path, (ask) => ask(() => stat(path))).catch((error: unknown) => {
      throw fileError(error, path, 'read')
    })
    if (!found.isDirectory())
      throw new PigmentError('dataset-missing', `"${path}" is not a folder. Choose a folder with pictures.`, { directory: path })
    const known = this.list().find((one) => resolve(one.path) === resolve(path))
    if (known) throw new PigmentError('dataset-known', `"${path}" is in the list already, as "${known.name}".`, { dataset: known.id })
    const id = `d${createHash('sha256').update(randomBytes(16)).digest('hex').slice(0, 15)}`
    const made = entry.parse({ id, name, path, owned, changedAt: Date.now() })
    await this.#entries.set(id, made)
    return made
  }

  async update(id: string, part: Partial<Omit<DatasetEntry, 'id' | 'path'>>): Promise<void> {
    const given = Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined))
    await this.#entries.set(id, entry.parse({ ...this.entry(id), ...given }))
  }

  /** Out of the list; a folder of Pigment's goes to the trash. Gives the name to restore it by. */
  async remove(id: string): Promise<string> {
    const found = this.entry(id)
    await this.#forget(id)
    const undo = await this.#options.trash.move('dataset', found.owned ? [found.path] : [], found)
    // A removed sample must stay removed: an entry without a path says so.
    if (this.#samples.has(id)) await this.#entries.set(id, { ...found, path: '' })
    else await this.#entries.delete(id)
    return undo
  }

  async restore(undo: string): Promise<DatasetEntry> {
    const { facts } = await this.#options.trash.restore(undo, 'dataset')
    const found = entry.parse(facts)
    if (found.sample) await this.#entries.delete(found.id)
    else await this.#entries.set(found.id, found)
    return found
  }

  async close(): Promise<void> {
    for (const opened of this.#open.values()) (await opened.catch(() => undefined))?.close()
    this.#open.clear()
    await this.#entries.close()
  }

  async #forget(id: string): Promise<void> {
    const opened = this.#open.get(id)
    this.#open.delete(id)
    ;(await opened?.catch(() => undefined))?.close()
  }
}
