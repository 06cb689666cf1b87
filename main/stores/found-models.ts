// An index of the models that other programs keep here. A header is read once for each state of a file (path, size, time); a place that is away keeps
// what was known of it. Nothing in those folders is ever changed.
import { createHash } from 'node:crypto'
import { dirname, join, resolve, sep } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { fileError } from '../../engine/files/file-error.ts'
import { errorRecord, PigmentError } from '../../engine/requests/error.ts'
import type { FoundModel, FoundModels as Found, FoundPlace } from '../api/methods/found.ts'
import { findPrograms, programAt, surroundings, type FoundProgram } from '../operations/find-programs.ts'
import type { Surroundings } from '../operations/programs/program.ts'
import { programs } from '../operations/programs/index.ts'
import { seenName, type SeenModel } from '../operations/see-models.ts'
import { seePrograms, type SeenProgram } from '../operations/see-programs.ts'
import type { SkimmedModel } from '../operations/tools/skim-model.ts'
import type { ToolsProcess } from '../operations/workers.ts'
import { packageVersion } from '../places/package.ts'
import { JsonFile } from './json-file.ts'

const record = z.object({ code: z.string(), message: z.string(), facts: z.record(z.string(), z.unknown()) })
const holding = z.enum(['models', 'vaes', 'adapters', 'embeddings', 'anything'])
const model = z.object({
  path: z.string(),
  shelf: z.object({ path: z.string(), holds: holding }),
  bytes: z.number(),
  stamp: z.string(),
  growing: z.literal(true).optional(),
  kind: z.enum(['checkpoint', 'vae', 'adapter', 'embedding', 'other']),
  family: z.string(),
  title: z.string(),
  parameters: z.number().optional(),
  unetParameters: z.number().optional(),
  side: z.number().optional(),
  problem: record.optional(),
})
type Model = z.output<typeof model>
const place = z.object({
  program: z.string(),
  folder: z.string(),
  error: record.optional(),
  cut: z.literal(true).optional(),
  models: z.array(model),
})
const stored = z.object({
  /** Another version may know more kinds of files: it reads them anew. */
  version: z.string().default(''),
  at: z.number().nullable().default(null),
  places: z.array(place).default([]),
  /** Folders that a person named, and those that are not to be found again. */
  named: z.array(z.string()).default([]),
  hidden: z.array(z.string()).default([]),
})
type Stored = z.output<typeof stored>

/** Files that are read at once. */
const readers = 4
/** One that was written to so lately may still be written. */
const untilStill = 10_000
const betweenLooks = 1000

type Tools = Pick<ToolsProcess, 'call'>

interface Looking {
  readonly signal: AbortSignal
  readonly progress: (done: number, total: number, what: string) => void
}
/** What its list is completed by. */
export interface Beside {
  /** Ids of models in the list, by path. */
  readonly models: ReadonlyMap<string, string>
  /** Folders that the library watches. */
  readonly watched: readonly string[]
}

export class FoundModels {
  readonly #file: JsonFile<typeof stored>
  readonly #tools: Tools
  readonly #where: () => Surroundings
  #looking: Promise<void> | undefined
  /** Files that were new at the last look, by path. */
  readonly #fresh = new Map<string, string>()

  private constructor(file: JsonFile<typeof stored>, tools: Tools, where: () => Surroundings) {
    this.#where = where
    this.#file = file
    this.#tools = tools
  }

  static async open(root: string, tools: Tools, where = surroundings): Promise<FoundModels> {
    return new FoundModels(await JsonFile.open(join(root, 'found-models.json'), stored), tools, where)
  }

  list({ models: added, watched }: Beside): Found {
    const { places, at } = this.#file.value
    const models = places.flatMap(({ folder, models }) => models.map((one) => cardOf(one, folder, added, watched)))
    return { at, models, places: places.map(placeCard) }
  }

  /** Those of one family and size take as much. */
  checkpoints(): readonly { readonly id: string; readonly path: string; readonly facts: Model }[] {
    return this.#file.value.places.flatMap(({ models }) =>
      models.flatMap((facts) => (facts.kind === 'checkpoint' && !facts.problem ? [{ id: idOf(facts.path), path: facts.path, facts }] : [])),
    )
  }

  /** Looks where programs usually are, and where a person said. Whoever asks while it is looked gets the end of that look. */
  look(looking: Looking): Promise<void> {
    this.#looking ??= this.#lookTillStill(looking).finally(() => (this.#looking = undefined))
    return this.#looking
  }

  /** Throws why it cannot be read. */
  async addFolder(folder: string, looking: Looking): Promise<void> {
    const at = resolve(folder)
    await programAt(at, this.#where()).catch((error: unknown) => {
      throw fileError(error, at, 'read')
    })
    await this.#looking?.catch(() => undefined)
    const { named, hidden } = this.#file.value
    await this.#set({ named: [...new Set([...named, at])], hidden: hidden.filter((one) => one !== at) })
    await this.look(looking)
  }

  /** Is not looked at again; nothing is deleted. Throws `place-unknown`. */
  async removeFolder(id: string): Promise<void> {
    await this.#looking?.catch(() => undefined)
    const { places, named, hidden } = this.#file.value
    const found = places.find(({ folder }) => idOf(folder) === id)
    if (!found) throw new PigmentError('place-unknown', 'This folder is not looked at any more.', { place: id })
    await this.#set({
      places: places.filter((one) => one !== found),
      named: named.filter((one) => one !== found.folder),
      hidden: [...hidden, found.folder],
    })
  }

  /** What was written just now, of which a second look says whether it still is. */
  async #lookTillStill(looking: Looking): Promise<void> {
    await this.#look(looking)
    if (!this.#file.value.places.some(({ models }) => models.some(({ growing }) => growing))) return
    await delay(betweenLooks, undefined, { signal: looking.signal, ref: false })
    await this.#look(looking)
  }

  async #look({ signal, progress }: Looking): Promise<void> {
    const { version, places, named, hidden } = this.#file.value
    const before = new Map(version === packageVersion() ? places.flatMap(({ models }) => models.map((one) => [one.path, one])) : [])
    const found = await findPrograms(this.#where())
    const known = [...named, ...places.map(({ folder }) => folder)].filter((folder) => !found.some((one) => one.folder === folder))
    const away: Stored['places'] = []
    for (const folder of new Set(known))
      try {
        found.push(await programAt(folder, this.#where()))
      } catch (failure) {
        const error = errorRecord(fileError(failure, folder, 'read'))
        const last = places.find((one) => one.folder === folder)
        away.push({ program: last?.program ?? '', folder, models: last?.models ?? [], error })
      }
    const seen = await seePrograms(inOrder(found.filter(({ folder }) => !hidden.includes(folder))), signal)
    const read = await this.#read(seen, before, { signal, progress })
    const now = seen.map(({ program, folder, models, error, cut }) => {
      // What cannot be read now is as it was.
      const missing = error ? (places.find((one) => one.folder === folder)?.models ?? []).filter(({ path }) => !read.has(path)) : []
      return {
        program,
        folder,
        models: [...models.flatMap(({ path }) => read.get(path) ?? []), ...missing],
        ...(error ? { error } : {}),
        ...(cut ? { cut: true as const } : {}),
      }
    })
    const shown = now.filter(({ program, folder, models }) => models.length > 0 || program === '' || named.includes(folder))
    // One that is stopped keeps what it has read.
    await this.#set({ version: packageVersion(), at: signal.aborted ? this.#file.value.at : Date.now(), places: [...shown, ...away] })
    signal.throwIfAborted()
  }

  async #read(
    seen: readonly SeenProgram[],
    before: ReadonlyMap<string, Model>,
    { signal, progress }: Looking,
  ): Promise<Map<string, Model>> {
    const all = seen.flatMap(({ models }) => models)
    const read = new Map<string, Model>()
    const waiting: SeenModel[] = []
    for (const one of all) {
      const known = before.get(one.path)
      if (one.problem) read.set(one.path, { ...bare(one), problem: one.problem })
      else if (this.#isGrowing(one)) read.set(one.path, { ...bare(one), growing: true })
      else if (known && known.stamp === one.stamp && !known.growing) read.set(one.path, { ...known, shelf: one.shelf })
      else waiting.push(one)
    }
    const total = waiting.length
    const reader = async (): Promise<void> => {
      for (let one = waiting.shift(); one && !signal.aborted; one = waiting.shift()) {
        const { path, shelf } = one
        const skimmed = await this.#tools
          .call('skimModel', { path, holds: shelf.holds }, { signal })
          .catch((error: unknown) => errorRecord(error))
        if (signal.aborted && 'code' in skimmed) return
        // What ended the process of ours is read again the next time.
        read.set(path, 'code' in skimmed ? { ...bare(one), stamp: '', problem: skimmed } : { ...bare(one), ...skimmed })
        progress(total - waiting.length, total, path)
      }
    }
    await Promise.all(Array.from({ length: readers }, reader))
    return read
  }

  /** Whether it may be half of what it will be: it was written to just now, and is not as it was at the look before. */
  #isGrowing({ path, stamp, touched }: SeenModel, now = Date.now()): boolean {
    const late = touched > now - untilStill && touched <= now + untilStill
    const moved = late && this.#fresh.get(path) !== stamp
    if (moved) this.#fresh.set(path, stamp)
    else this.#fresh.delete(path)
    return moved
  }

  #set(change: Partial<Stored>): Promise<void> {
    return this.#file.set({ ...this.#file.value, ...change })
  }
}

const idOf = (path: string): string => `p${createHash('sha256').update(path).digest('hex').slice(0, 15)}`

/** A program's folder before a person's that lies around it: what both hold is the program's. */
const inOrder = (found: readonly FoundProgram[]): FoundProgram[] => [
  ...found.filter(({ program }) => program !== ''),
  ...found.filter(({ program }) => program === ''),
]

const bare = ({ path, shelf, bytes, stamp }: SeenModel): Model => ({ path, shelf, bytes, stamp, ...unread(shelf.holds) })
const kinds = { models: 'checkpoint', anything: 'other', vaes: 'vae', adapters: 'adapter', embeddings: 'embedding' } as const
const unread = (holds: Model['shelf']['holds']): Pick<SkimmedModel, 'kind' | 'family' | 'title'> => ({
  kind: kinds[holds],
  family: '',
  title: '',
})

function cardOf(one: Model, folder: string, added: ReadonlyMap<string, string>, watched: readonly string[]): FoundModel {
  const { path, kind, family, title, bytes, side, parameters, problem, growing } = one
  const inLibrary = (kind === 'adapter' || kind === 'embedding') && !problem && !growing
  const isWatched = watched.some((at) => path.startsWith(at.endsWith(sep) ? at : at + sep))
  const id = added.get(path)
  return {
    id: idOf(path),
    name: seenName(path),
    path,
    place: idOf(folder),
    kind,
    family,
    title,
    bytes,
    ...(side === undefined ? {} : { side }),
    ...(parameters === undefined ? {} : { parameters }),
    ...(problem ? { problem } : {}),
    ...(growing ? { growing } : {}),
    ...(id === undefined ? {} : { model: id }),
    ...(inLibrary && !isWatched ? { watch: watchFolder(one) } : {}),
  }
}

/** A shelf of adapters alone; where anything may lie, the file's own folder, and of Hugging Face's cache that of the model. */
function watchFolder({ path, shelf }: Model): string {
  if (shelf.holds === 'adapters' || shelf.holds === 'embeddings') return shelf.path
  const [hub] = /^.*[\\/]models--[^\\/]+/.exec(path) ?? []
  return hub ?? dirname(path)
}

function placeCard({ program, folder, error, cut, models }: Stored['places'][number]): FoundPlace {
  return {
    id: idOf(folder),
    program,
    title: programs.find(({ name }) => name === program)?.title ?? '',
    folder,
    count: models.length,
    ...(error ? { error } : {}),
    ...(cut ? { cut } : {}),
  }
}
