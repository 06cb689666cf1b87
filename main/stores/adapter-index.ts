// The adapters of the library's folder and of those that are watched beside it: what was read of each file is kept until the file changes, so that
// nothing is read twice, and follows the file wherever it goes.
import { createHash, randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileError } from '../../engine/files/file-error.ts'
import { errorRecord, type ErrorRecord } from '../../engine/requests/error.ts'
import type { AdapterFacts } from '../operations/tools/inspect-adapter.ts'
import type { ReadBeside } from '../operations/tools/read-beside.ts'
import type { ToolsProcess } from '../operations/workers.ts'
import { factsOf, libraryEntry, noFacts, type LibraryEntry } from './adapter-entry.ts'
import { placeKey, seeFolder, type SeenAdapter, type SeenRoot } from './adapter-folder.ts'
import { followAdapters, unknownFiles } from './follow-adapters.ts'
import { Journal } from './journal.ts'
import { Stillness } from './stillness.ts'
import { Turns } from './turns.ts'

/** Entries that are new or changed, and those that are not shown any more. */
export interface LibraryNews {
  readonly changed: readonly LibraryEntry[]
  readonly removed: readonly LibraryEntry[]
}
interface ReadFile {
  readonly stamp: string
  readonly facts?: AdapterFacts
  readonly problem?: ErrorRecord
}

/** Files that are read at once, and that come into the list at once where all of them are new. */
const [readers, batch] = [4, 100]
/** Of reading a file that ends the process. */
const mostTries = 2

export class AdapterIndex {
  readonly #folder: string
  readonly #journal: Journal<typeof libraryEntry>
  readonly #tools: ToolsProcess
  readonly #turns = new Turns()
  readonly #still = new Stillness()
  #version = 0
  /** The version at which each entry was set: a look that began before tells nothing of it. */
  readonly #setAt = new Map<string, number>()
  readonly #failed = new Map<string, number>()
  /** Roots with why they cannot be read; those that were not looked at yet are not in it. */
  readonly #roots = new Map<string, ErrorRecord | undefined>([['', undefined]])

  private constructor(folder: string, journal: Journal<typeof libraryEntry>, tools: ToolsProcess) {
    this.#folder = folder
    this.#journal = journal
    this.#tools = tools
  }

  static async open(folder: string, tools: ToolsProcess): Promise<AdapterIndex> {
    return new AdapterIndex(folder, await Journal.open(join(folder, 'library.jsonl'), libraryEntry), tools)
  }

  /** Another one: something is not as it was. */
  get version(): number {
    return this.#version
  }
  /** Those that are there. */
  values(): LibraryEntry[] {
    return this.#journal.values().filter((one) => this.#isHere(one))
  }
  get(id: string): LibraryEntry | undefined {
    const found = this.#journal.get(id)
    return found && this.#isHere(found) ? found : undefined
  }
  pathOf({ root, file }: Pick<LibraryEntry, 'root' | 'file'>): string {
    return join(root || this.#folder, file)
  }
  /** Why a watched folder cannot be read. */
  problemOf(root: string): ErrorRecord | undefined {
    return this.#roots.get(root)
  }

  /** Whoever changes files of the folder takes a turn, so that no look takes them for a person's. */
  turn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(work)
  }
  set(entry: LibraryEntry): Promise<void> {
    this.#setAt.set(entry.id, ++this.#version)
    return this.#journal.set(entry.id, entry)
  }
  delete(id: string): Promise<void> {
    this.#version++
    return this.#journal.delete(id)
  }
  /** Of something taken away that held the same; its person's words are those of the one that comes. */
  waiting(content: string): LibraryEntry | undefined {
    return content === '' ? undefined : this.#journal.values().find((one) => one.gone && one.root === '' && one.content === content)
  }

  async close(): Promise<void> {
    await this.#turns.done()
    await this.#journal.close()
  }

  /**
   * Looks at the folders and tells what is different. Gives the folders that were read, with those in them, and whether somebody is still writing, so
   * that it is to be looked at again soon.
   */
  async look(roots: readonly string[], tell: (news: LibraryNews) => Promise<void> | void): Promise<{ seen: SeenRoot[]; again: boolean }> {
    const seen: SeenRoot[] = []
    const began = this.#version
    const problems = new Map<string, ErrorRecord | undefined>()
    for (const root of ['', ...roots]) {
      const at = root || this.#folder
      const found = await seeFolder(root, at).catch((cause: unknown) => errorRecord(fileError(cause, at, 'read')))
      if ('adapters' in found) seen.push(found)
      problems.set(root, 'adapters' in found ? undefined : found)
    }
    const files = seen.flatMap(({ adapters }) => adapters)
    const sight = { seen: files, roots: new Set(seen.map(({ root }) => root)) }
    const now = { ...sight, entries: this.#journal.values() }
    const busy = this.#still.moving(unknownFiles({ ...now, busy: new Set() }))
    const left = unknownFiles({ ...now, busy })
    const beside = await this.#readBeside(files)
    // Where nothing is missed, nothing can have been renamed, and what is new comes in as it is read.
    const calm = followAdapters({ ...now, busy }, new Map()).gone.length === 0 && left.every((file) => !this.#at(file))
    const read = new Map<string, ReadFile>()
    do {
      for (const [key, one] of await this.#readAll(left.splice(0, calm ? batch : left.length))) read.set(key, one)
      await tell(
        await this.turn(() => this.#take({ ...sight, busy: new Set([...busy, ...this.#setSince(began)]) }, read, beside, problems)),
      )
    } while (left.length > 0)
    return { seen, again: busy.size > 0 }
  }

  /** Makes sure of what seems to be twice here, and tells those that it did not know of. */
  async compareTwins(tell: (news: LibraryNews) => Promise<void> | void): Promise<void> {
    const groups = Map.groupBy(
      this.values().filter(({ content }) => content !== ''),
      ({ content }) => content,
    )
    for (const [, twins] of groups)
      if (twins.length > 1)
        for (const { id, stamp } of twins.filter(({ hash }) => hash === undefined)) {
          const entry = this.get(id)
          const hash = entry && (await this.#tools.call('hashAdapter', { path: this.pathOf(entry) }).catch(() => undefined))
          await this.turn(async () => {
            const same = this.get(id)
            if (hash === undefined || same?.stamp !== stamp) return
            await this.set({ ...same, hash })
            await tell({ changed: [{ ...same, hash }], removed: [] })
          })
        }
  }

  #setSince(version: number): string[] {
    return this.#journal.values().flatMap((one) => ((this.#setAt.get(one.id) ?? 0) > version ? [placeKey(one)] : []))
  }
  #isHere({ root, gone }: LibraryEntry): boolean {
    return !gone && this.#roots.has(root) && this.#roots.get(root) === undefined
  }
  #at(file: SeenAdapter): LibraryEntry | undefined {
    return this.#journal.values().find((one) => placeKey(one) === placeKey(file))
  }

  async #readAll(files: readonly SeenAdapter[]): Promise<[string, ReadFile][]> {
    const waiting = [...files]
    const read: [string, ReadFile][] = []
    const reader = async (): Promise<void> => {
      for (let file = waiting.shift(); file; file = waiting.shift()) {
        const found = await this.#tools.call('skimAdapter', { path: file.path }).then(
          (facts) => ({ facts }),
          (error: unknown) => ({ problem: errorRecord(error) }),
        )
        // What a process of ours had, or the machine, is not the file's: it is read again, unless it is what ends the process each time.
        const ours = 'problem' in found && /^(worker-|cancelled$|too-many-open-files$)/.test(found.problem.code)
        const times = ours ? (this.#failed.get(file.path) ?? 0) + 1 : 0
        this.#failed.set(file.path, times)
        if (times === 0) this.#failed.delete(file.path)
        if (times === 0 || times >= mostTries) read.push([placeKey(file), { stamp: file.stamp, ...found }])
      }
    }
    await Promise.all(Array.from({ length: readers }, reader))
    return read
  }

  async #readBeside(files: readonly SeenAdapter[]): Promise<Map<string, ReadBeside>> {
    const known = new Map(this.#journal.values().map((one) => [placeKey(one), one.besideStamp]))
    const read = new Map<string, ReadBeside>()
    for (const file of files)
      if (file.beside.length > 0 && known.get(placeKey(file)) !== file.besideStamp)
        read.set(placeKey(file), await this.#tools.call('readBeside', { paths: file.beside }))
    return read
  }

  async #take(
    sight: { readonly seen: readonly SeenAdapter[]; readonly roots: ReadonlySet<string>; readonly busy: ReadonlySet<string> },
    read: ReadonlyMap<string, ReadFile>,
    beside: ReadonlyMap<string, ReadBeside>,
    problems: ReadonlyMap<string, ErrorRecord | undefined>,
  ): Promise<LibraryNews> {
    const before = new Map(this.values().map((one) => [one.id, one]))
    this.#version++
    this.#roots.clear()
    for (const [root, problem] of problems) this.#roots.set(root, problem)
    const entries = this.#journal.values()
    // What changed since it was read is the next look's.
    const late = unknownFiles({ ...sight, entries }).filter((file) => read.get(placeKey(file))?.stamp !== file.stamp)
    const contents = new Map(Array.from(read, ([key, { facts }]) => [key, facts?.content ?? '']))
    const busy = new Set([...sight.busy, ...late.map(placeKey)])
    const { here, fresh, gone, dropped } = followAdapters({ ...sight, entries, busy }, contents)
    const now = (entry: LibraryEntry, file: SeenAdapter) => seenNow(entry, file, read.get(placeKey(file)), beside.get(placeKey(file)))
    for (const { entry, file } of here) {
      const next = now(entry, file)
      if (JSON.stringify(next) !== JSON.stringify(entry)) await this.set(next)
    }
    for (const file of fresh) if (await isThere(file)) await this.set(now(newEntry(file), file))
    for (const entry of gone) await this.set({ ...entry, gone: true })
    for (const { id } of dropped) await this.delete(id)
    const after = new Map(this.values().map((one) => [one.id, one]))
    return {
      changed: [...after.values()].filter((one) => before.get(one.id) !== one),
      removed: [...before.values()].filter(({ id }) => !after.has(id)),
    }
  }
}

const isThere = ({ path }: SeenAdapter): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

export const newId = (): string => `a${createHash('sha256').update(randomBytes(16)).digest('hex').slice(0, 15)}`

const newEntry = ({ root, file }: SeenAdapter): LibraryEntry =>
  libraryEntry.parse({ id: newId(), root, file, source: 'imported', at: Date.now(), facts: noFacts })

/** An entry as its file, and what lies beside it, are now. */
function seenNow(entry: LibraryEntry, file: SeenAdapter, read: ReadFile | undefined, beside: ReadBeside | undefined): LibraryEntry {
  const { hash: _hash, problem: _problem, preview: _preview, ...rest } = entry
  const same = entry.stamp === file.stamp || (read?.facts !== undefined && read.facts.content === entry.content)
  const told = entry.besideStamp === file.besideStamp && entry.root === file.root && entry.file === file.file
  return {
    ...rest,
    root: file.root,
    file: file.file,
    stamp: file.stamp,
    bytes: file.bytes,
    gone: false,
    ...(same && entry.hash !== undefined ? { hash: entry.hash } : {}),
    ...(read ? {} : entry.problem ? { problem: entry.problem } : {}),
    ...(read?.facts ? { facts: factsOf(read.facts), content: read.facts.content } : {}),
    ...(read?.problem ? { facts: noFacts, problem: read.problem, content: '' } : {}),
    ...(file.preview ? { preview: file.preview } : {}),
    besideStamp: file.besideStamp,
    ...(told ? {} : { beside: beside?.facts ?? {}, besideProblems: [...(beside?.problems ?? [])] }),
  }
}
