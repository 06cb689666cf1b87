// The library of adapters: files, and folders of PEFT's, in one folder, and beside each what its person says about it.
import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { fileError } from '../../engine/files/file-error.ts'
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import type { AdapterCard, AdapterDetails } from '../api/methods/library.ts'
import type { AdapterFacts } from '../operations/tools/inspect-adapter.ts'
import type { ToolsProcess } from '../operations/workers.ts'
import { adapterBytes, adapterMentioned, adapterName, copyAdapter, filesOfAdapter } from '../operations/adapter-files.ts'
import { Journal } from './journal.ts'
import type { MediaNames } from './media.ts'
import { safeName } from './safe-name.ts'
import type { Trash } from './trash.ts'

const facts = z.object({
  format: z.string(),
  family: z.string(),
  base: z.string(),
  layers: z.number(),
  layersByNetwork: z.record(z.string(), z.number()),
  ranks: z.array(z.number()),
  triggers: z.array(z.string()),
  title: z.string(),
  metadata: z.array(z.tuple([z.string(), z.string()])),
  leftOut: z.array(z.object({ key: z.string(), reason: z.string() })),
})
const entry = z.object({
  id: z.string(),
  file: z.string(),
  title: z.string(),
  source: z.enum(['trained', 'imported', 'shipped']),
  run: z.string().optional(),
  notes: z.string().default(''),
  tags: z.array(z.string()).default([]),
  triggers: z.array(z.string()).default([]),
  /** File of the picture that stands for it. */
  cover: z.string().optional(),
  at: z.number(),
  facts,
})
export type LibraryEntry = z.output<typeof entry>

export interface LibraryOptions {
  readonly folder: string
  readonly trash: Trash
  readonly media: MediaNames
  readonly tools: ToolsProcess
}

export class Library {
  readonly #options: LibraryOptions
  readonly #journal: Journal<typeof entry>
  /** Names that this process brings in: a look at the folder meanwhile must not take them for a person's. */
  readonly #coming = new Set<string>()

  private constructor(options: LibraryOptions, journal: Journal<typeof entry>) {
    this.#options = options
    this.#journal = journal
  }

  static async open(options: LibraryOptions): Promise<Library> {
    return new Library(options, await Journal.open(join(options.folder, 'library.jsonl'), entry))
  }

  /** Takes in what a person put into the folder, and what a lost journal listed. */
  async adopt(): Promise<readonly AdapterCard[]> {
    const known = new Set(this.#journal.values().map(({ file }) => file))
    const added: AdapterCard[] = []
    for (const name of (await readdir(this.#options.folder)).sort()) {
      if (known.has(name) || this.#coming.has(name)) continue
      if (!/\.safetensors$/i.test(name) && (await filesOfAdapter(join(this.#options.folder, name))).length === 0) continue
      const one = await this.#enter(name, 'imported').catch(() => undefined)
      if (one) added.push(one)
    }
    return added
  }

  async list(): Promise<AdapterCard[]> {
    const entries = this.#journal.values().sort((a, b) => b.at - a.at)
    return Promise.all(entries.map((one) => this.#card(one)))
  }

  /** Throws `adapter-unknown`. */
  entry(id: string): LibraryEntry {
    const found = this.#journal.get(id)
    if (found) return found
    throw new PigmentError('adapter-unknown', 'This adapter is not in the library any more.', { adapter: id })
  }

  path(id: string): string {
    return join(this.#options.folder, this.entry(id).file)
  }

  /** What a training run made. Throws `run-without-adapter`. */
  ofRun(run: string): LibraryEntry {
    const found = this.#journal.values().find((one) => one.run === run)
    if (found) return found
    throw new PigmentError('run-without-adapter', 'What this run made is not in the library any more, or it did not come to its end.', {
      run,
    })
  }

  /** By the name that `<lora:name>` uses, whatever its letter case: of a file, or else of a title. */
  byName(name: string): LibraryEntry | undefined {
    const wanted = name.toLowerCase()
    const entries = this.#journal.values()
    return (
      entries.find(({ file }) => adapterName(file) === name) ??
      entries.find(({ file }) => adapterName(file).toLowerCase() === wanted) ??
      entries.find(({ file }) => adapterName(file).toLowerCase() === adapterMentioned(wanted)) ??
      entries.find(({ title }) => title.toLowerCase() === wanted)
    )
  }
  nameOf(id: string): string {
    return adapterName(this.entry(id).file)
  }

  /** As its owner calls it. */
  titleOf(id: string): string {
    return this.entry(id).title
  }

  async details(id: string): Promise<AdapterDetails> {
    const one = this.entry(id)
    const { metadata, layersByNetwork, leftOut } = one.facts
    return { ...(await this.#card(one)), path: this.path(id), metadata, layersByNetwork, leftOut }
  }

  /** Copies a file or an adapter folder in, after the engine has recognised it. Throws its reason. */
  async import(from: string, source: LibraryEntry['source'] = 'imported', extra: Partial<LibraryEntry> = {}): Promise<AdapterCard> {
    await this.#inspect(from)
    const name = await this.#freeName(safeName(basename(from)))
    const target = join(this.#options.folder, name)
    this.#coming.add(name)
    await copyAdapter(from, target)
    return this.#enter(name, source, extra)
  }

  async update(id: string, part: Partial<LibraryEntry>): Promise<AdapterCard> {
    const given = Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined))
    const now = entry.parse({ ...this.entry(id), ...given })
    await this.#journal.set(id, now)
    return this.#card(now)
  }

  async remove(ids: readonly string[]): Promise<{ undo: string; removed: readonly AdapterCard[] }> {
    const gone = ids.map((id) => this.entry(id))
    const removed = await Promise.all(gone.map((one) => this.#card(one)))
    const undo = await this.#options.trash.move(
      'adapters',
      ids.map((id) => this.path(id)),
      gone,
    )
    for (const { id } of gone) await this.#journal.delete(id)
    return { undo, removed }
  }

  async restore(undo: string): Promise<readonly AdapterCard[]> {
    const back = z.array(entry).parse((await this.#options.trash.restore(undo, 'adapters')).facts)
    for (const one of back) await this.#journal.set(one.id, one)
    return Promise.all(back.map((one) => this.#card(one)))
  }

  close(): Promise<void> {
    return this.#journal.close()
  }

  async #enter(name: string, source: LibraryEntry['source'], extra: Partial<LibraryEntry> = {}): Promise<AdapterCard> {
    const found = await this.#inspect(join(this.#options.folder, name))
    const id = `a${createHash('sha256').update(randomBytes(16)).digest('hex').slice(0, 15)}`
    const made = entry.parse({
      id,
      file: name,
      title: found.title || adapterName(name),
      source,
      triggers: found.triggers,
      at: Date.now(),
      facts: found,
      ...extra,
    })
    await this.#journal.set(id, made)
    return this.#card(made)
  }

  async #inspect(path: string): Promise<AdapterFacts> {
    return this.#options.tools.call('inspectAdapter', { path })
  }

  async #card({ id, file, title, source, run, notes, tags, triggers, cover, at, facts: found }: LibraryEntry): Promise<AdapterCard> {
    const path = join(this.#options.folder, file)
    const bytes = await adapterBytes(path).catch((cause: unknown) => errorRecord(fileError(cause, path, 'read')))
    const missing = typeof bytes === 'number' ? undefined : bytes
    const { media } = this.#options
    return {
      id,
      name: adapterName(file),
      title,
      triggers,
      family: found.family,
      base: found.base,
      format: found.format,
      ranks: found.ranks,
      layers: found.layers,
      bytes: missing ? 0 : Number(bytes),
      source,
      ...(run ? { run } : {}),
      tags,
      notes,
      ...(cover ? { cover: media.ofFile(cover, at) } : {}),
      media: media.ofFile(path, at, 'file'),
      at,
      ...(missing ? { error: missing } : {}),
    }
  }

  async #freeName(name: string): Promise<string> {
    const stem = adapterName(name)
    const taken = new Set((await readdir(this.#options.folder)).map((one) => one.toLowerCase()))
    for (let i = 1; ; i++) {
      const free = `${stem}${i === 1 ? '' : ` ${i}`}${name.slice(stem.length)}`
      if (!taken.has(free.toLowerCase())) return free
    }
  }
}
