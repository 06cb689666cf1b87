// The library of adapters: files, and folders of PEFT's, in its own folder and in those of other programs, and beside each what its person says.
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { copyRegular } from '../../engine/files/regular-file.ts'
import { fileError } from '../../engine/files/file-error.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import type { AdapterCard, AdapterDetails, WatchedFolder } from '../api/methods/library.ts'
import type { AdapterFacts } from '../operations/tools/inspect-adapter.ts'
import type { ToolsProcess } from '../operations/workers.ts'
import { bringIn, filesBeside } from './adapter-arrival.ts'
import { cardOf, coverOf, detailsOf, titleOf, triggersOf, type CardParts } from './adapter-cards.ts'
import { factsOf, libraryEntry, type LibraryEntry } from './adapter-entry.ts'
import { seeAdapter } from './adapter-folder.ts'
import { AdapterIndex, newId, type LibraryNews } from './adapter-index.ts'
import { AdapterNames } from './adapter-names.ts'
import { adaptersIn, usageOf, type Usage } from './adapter-usage.ts'
import type { StoredPicture } from './gallery.ts'
import { embeddingsAmong } from './library-embeddings.ts'
import { LentAdapters } from './lent-adapters.ts'
import { LibraryFolders } from './library-folders.ts'
import { LibraryWatch } from './library-watch.ts'
import type { MediaNames } from './media.ts'
import type { Trash } from './trash.ts'

export type { LibraryEntry } from './adapter-entry.ts'

export interface LibraryOptions {
  readonly folder: string
  readonly trash: Trash
  readonly media: MediaNames
  readonly tools: ToolsProcess
  /** Those of the gallery. */
  readonly pictures?: () => readonly StoredPicture[]
}
/** Cards of what came or changed, and of what is not there any more. */
export interface CardNews {
  readonly changed: readonly AdapterCard[]
  readonly removed: readonly AdapterCard[]
}
const longestFirstLook = 2000

type Words = Partial<
  Pick<LibraryEntry, 'title' | 'notes' | 'tags' | 'source' | 'triggers' | 'triggerSets' | 'rating' | 'favourite' | 'weight' | 'cover'>
>

export class Library {
  readonly lent: LentAdapters
  readonly #options: LibraryOptions
  readonly #index: AdapterIndex
  readonly #folders: LibraryFolders
  readonly #first = Promise.withResolvers<void>()
  #watch: LibraryWatch | undefined
  #known: { readonly version: number; readonly names: AdapterNames } | undefined

  private constructor(options: LibraryOptions, index: AdapterIndex, folders: LibraryFolders) {
    this.#options = options
    this.#index = index
    this.#folders = folders
    this.lent = new LentAdapters(options.media)
  }

  static async open(options: LibraryOptions): Promise<Library> {
    const { folder, tools } = options
    return new Library(options, await AdapterIndex.open(folder, tools), await LibraryFolders.open(folder))
  }

  /** From now on files that come and go are followed, and told. Resolves when all folders were looked at once. */
  async watch(tell: (news: CardNews) => void): Promise<void> {
    this.#watch = new LibraryWatch({
      folder: this.#options.folder,
      roots: () => this.#folders.list().map(({ path }) => path),
      index: this.#index,
      tell: (news) => tell(this.#told(news)),
    })
    await this.#watch.look().finally(this.#first.resolve)
  }
  async look(): Promise<void> {
    await this.#watch?.look()
  }
  /** When the folders were looked at once; the rest of many thousands comes in as it is read. */
  async looked(): Promise<void> {
    await Promise.race([this.#first.promise, delay(longestFirstLook, undefined, { ref: false })])
  }

  list(): AdapterCard[] {
    const usage = this.#usage()
    return this.#entries().map((one) => cardOf(one, this.#parts(one, usage)))
  }

  /** Throws `adapter-unknown`. */
  entry(id: string): LibraryEntry {
    const found = this.#index.get(id)
    if (found) return found
    throw new PigmentError('adapter-unknown', 'This adapter is not in the library any more.', { adapter: id })
  }
  path(id: string): string {
    return this.#index.pathOf(this.entry(id))
  }

  /** What a training run made. Throws `run-without-adapter`. */
  ofRun(run: string): LibraryEntry {
    const found = this.#index.values().find((one) => one.run === run)
    if (found) return found
    throw new PigmentError('run-without-adapter', 'What this run made is not in the library any more, or it did not come to its end.', {
      run,
    })
  }

  /** By the name that `<lora:name>` uses, whatever its letter case: of a file, with its folders or without, or else of a title. */
  byName(name: string): LibraryEntry | undefined {
    return this.#names().find(name)
  }
  /** Its textual inversions. */
  embeddings = (): LibraryEntry[] => embeddingsAmong(this.#index.values())
  /** The shortest that calls no other one. */
  nameOf(id: string): string {
    return this.#names().of(this.entry(id))
  }
  titleOf(id: string): string {
    return titleOf(this.entry(id))
  }
  triggersOf(id: string): readonly string[] {
    return triggersOf(this.entry(id))
  }
  /** File of the picture that stands for it. */
  coverOf(id: string): string | undefined {
    return coverOf(this.entry(id))
  }

  card(id: string): AdapterCard {
    return this.#cardOf(this.entry(id))
  }
  /** With what its file says of itself, which is read now. */
  async details(id: string): Promise<AdapterDetails> {
    const entry = this.entry(id)
    const metadata = entry.problem
      ? []
      : await this.#options.tools.call('skimAdapter', { path: this.path(id) }).then(
          ({ metadata }) => metadata,
          () => [],
        )
    return detailsOf(entry, this.#parts(entry, this.#usage()), metadata)
  }

  /** Pictures of the gallery that it acted in, the newest first. */
  pictures(id: string): StoredPicture[] {
    const named = (name: string): string | undefined => this.byName(name)?.id
    return (this.#options.pictures?.() ?? []).filter((one) => adaptersIn(one, named).has(id))
  }

  /** Copies a file or an adapter folder in, after the engine has recognised it, with what lies beside it. Throws its reason. */
  async import(from: string, source: LibraryEntry['source'] = 'imported', extra: Partial<LibraryEntry> = {}): Promise<AdapterCard> {
    const { tools, folder } = this.#options
    const found = await tools.call('inspectAdapter', { path: from })
    return this.#index.turn(async () => {
      return this.#enter(await bringIn(from, folder), found, source, extra)
    })
  }
  /** Those that hold the same tensors as a file that is not in the library yet. */
  async twinsOf(path: string): Promise<readonly AdapterCard[]> {
    const { tools } = this.#options
    const { content } = await tools.call('skimAdapter', { path })
    const twins: AdapterCard[] = []
    for (const one of this.#index.values().filter((entry) => entry.content === content && content !== ''))
      if ((await tools.call('hashAdapter', { path })) === (await tools.call('hashAdapter', { path: this.path(one.id) })))
        twins.push(this.#cardOf(one))
    return twins
  }

  async update(id: string, words: { readonly [Key in keyof Words]?: Words[Key] | undefined }, unset: readonly (keyof Words)[] = []) {
    const given = Object.fromEntries(Object.entries(words).filter(([, value]) => value !== undefined))
    const now = libraryEntry.parse({ ...this.entry(id), ...given, ...Object.fromEntries(unset.map((key) => [key, undefined])) })
    await this.#index.set(now)
    return this.#cardOf(now)
  }
  /** Keeps a copy of a picture as the cover: what it is from may go. */
  async keepCover(id: string, picture: string): Promise<string> {
    this.entry(id)
    const folder = join(this.#options.folder, '.covers')
    const cover = join(folder, `${id}-${randomBytes(4).toString('hex')}${extname(picture)}`)
    try {
      await mkdir(folder, { recursive: true })
      await copyRegular(picture, cover)
    } catch (error) {
      throw fileError(error, cover, 'write')
    }
    return cover
  }
  /** What a reading of the whole file told. */
  async learn(id: string, found: AdapterFacts): Promise<AdapterCard> {
    const entry = this.entry(id)
    const { leftOut, layersByNetwork, variants, folded, alphas } = factsOf(found)
    const now = { ...entry, facts: { ...entry.facts, leftOut, layersByNetwork, variants, folded, alphas } }
    if (JSON.stringify(now) !== JSON.stringify(entry)) await this.#index.set(now)
    return this.#cardOf(now)
  }

  /** To the trash, with what lies beside. Throws `adapter-watched` for one of another program's folder. */
  async remove(ids: readonly string[]): Promise<{ undo: string; removed: readonly AdapterCard[] }> {
    return this.#index.turn(async () => {
      const gone = ids.map((id) => this.entry(id))
      const watched = gone.find(({ root }) => root !== '')
      if (watched) {
        const path = this.#index.pathOf(watched)
        const title = titleOf(watched)
        throw new PigmentError(
          'adapter-watched',
          `"${title}" lies in a folder of another program, which Pigment does not change. Remove "${path}" there, or stop watching the folder.`,
          { title, path },
        )
      }
      const removed = gone.map((one) => this.#cardOf(one))
      const beside = await Promise.all(gone.map(({ file }) => filesBeside(this.#options.folder, file)))
      const undo = await this.#options.trash.move('adapters', [...gone.map((one) => this.#index.pathOf(one)), ...beside.flat()], gone)
      for (const { id } of gone) await this.#index.delete(id)
      return { undo, removed }
    })
  }

  async restore(undo: string): Promise<readonly AdapterCard[]> {
    return this.#index.turn(async () => {
      const back = z.array(libraryEntry).parse((await this.#options.trash.restore(undo, 'adapters')).facts)
      for (const one of back) await this.#index.set(one)
      return back.map((one) => this.#cardOf(one))
    })
  }

  folders(): WatchedFolder[] {
    const entries = this.#index.values()
    return this.#folders.list().map(({ id, path }) => {
      const error = this.#index.problemOf(path)
      return { id, path, adapters: entries.filter(({ root }) => root === path).length, ...(error ? { error } : {}) }
    })
  }
  /** Watches a folder of another program where it is. Throws as `LibraryFolders.add`. */
  async addFolder(path: string): Promise<void> {
    await this.#folders.add(path)
    await this.look()
  }
  /** What its person says of its adapters stays, should it come back. */
  async removeFolder(id: string): Promise<void> {
    await this.#folders.remove(id)
    await this.look()
  }

  async close(): Promise<void> {
    await this.#watch?.close()
    await Promise.all([this.#index.close(), this.#folders.close()])
  }

  #entries(): LibraryEntry[] {
    return this.#index.values().sort((a, b) => b.at - a.at)
  }
  #names(): AdapterNames {
    const { version } = this.#index
    if (this.#known?.version !== version) this.#known = { version, names: new AdapterNames(this.#index.values()) }
    return this.#known.names
  }
  #usage(): Map<string, Usage> {
    return usageOf(this.#options.pictures?.() ?? [], (name) => this.byName(name)?.id)
  }
  #parts(entry: LibraryEntry, usage: ReadonlyMap<string, Usage>): CardParts {
    return { name: this.#names().of(entry), path: this.#index.pathOf(entry), media: this.#options.media, usage: usage.get(entry.id) }
  }
  #cardOf(entry: LibraryEntry): AdapterCard {
    return cardOf(entry, this.#parts(entry, this.#usage()))
  }
  #told({ changed, removed }: LibraryNews): CardNews {
    const usage = this.#usage()
    const cards = (entries: readonly LibraryEntry[]) => entries.map((one) => cardOf(one, this.#parts(one, usage)))
    return { changed: cards(changed), removed: cards(removed) }
  }

  async #enter(name: string, found: AdapterFacts, source: LibraryEntry['source'], extra: Partial<LibraryEntry>): Promise<AdapterCard> {
    const { folder, tools } = this.#options
    const { stamp, bytes, beside, besideStamp, preview } = await seeAdapter(folder, name)
    const told = beside.length > 0 ? await tools.call('readBeside', { paths: beside }) : { facts: {}, problems: [] }
    const before = this.#index.waiting(found.content)
    const made = libraryEntry.parse({
      ...(before ?? { id: newId(), at: Date.now() }),
      file: name,
      source,
      stamp,
      bytes,
      content: found.content,
      facts: factsOf(found),
      besideStamp,
      beside: told.facts,
      besideProblems: told.problems,
      ...(preview ? { preview } : {}),
      gone: false,
      ...extra,
    })
    await this.#index.set(made)
    return this.#cardOf(made)
  }
}
