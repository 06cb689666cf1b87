// Undo and redo of a data set: what each change did to which files, on disk, so that it outlives a restart.
import { randomBytes } from 'node:crypto'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PigmentError } from '../../engine/requests/error.ts'
import { writeFileAtomic } from '../../engine/files/atomic.ts'
import { JsonFile } from '../stores/json-file.ts'

const captionChange = z.object({ path: z.string(), sidecar: z.string(), before: z.string().nullable(), after: z.string().nullable() })
const change = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('captions'), label: z.string(), changes: z.array(captionChange) }),
  z.object({ kind: z.literal('delete'), label: z.string(), paths: z.array(z.string()), trash: z.string() }),
  /** A picture with another in its place; the other one is in the trash. `stamp` is that of the file as the change left it. */
  z.object({ kind: z.literal('replace'), label: z.string(), path: z.string(), file: z.string(), trash: z.string(), stamp: z.string() }),
  z.object({ kind: z.literal('rename'), label: z.string(), from: z.string(), to: z.string() }),
])
export type CaptionChange = z.infer<typeof captionChange>
export type Change = z.infer<typeof change>

/** One of many captions, in a file of its own: it must not be written again with each that comes after it. */
const large = z.object({ kind: z.literal('large'), label: z.string(), file: z.string(), characters: z.number() })
const entry = z.union([change, large])
type Entry = z.infer<typeof entry>

const schema = z.object({ done: z.array(entry).default([]), undone: z.array(entry).default([]) })
const mostChanges = 200
/** Of all files; beyond it the oldest changes are forgotten. */
const mostCharacters = 20_000_000
/** Of a change in the common file. */
const smallest = 4000

export class History {
  readonly #file: JsonFile<typeof schema>
  readonly #folder: string
  readonly #dataset: string
  private constructor(file: JsonFile<typeof schema>, folder: string, dataset: string) {
    this.#file = file
    this.#folder = folder
    this.#dataset = dataset
  }

  static async open(folder: string, dataset: string): Promise<History> {
    const history = new History(await JsonFile.open(join(folder, `${dataset}.history.json`), schema), folder, dataset)
    await history.#sweep()
    return history
  }

  get undoLabel(): string | null {
    return this.#file.value.done.at(-1)?.label ?? null
  }
  get redoLabel(): string | null {
    return this.#file.value.undone.at(-1)?.label ?? null
  }

  /** `continues`: one change with the last one, where that is of the same caption and nothing came between. */
  async record(one: Change, continues = false): Promise<void> {
    const { done } = this.#file.value
    const joined = continues ? asOne(done.at(-1), one) : undefined
    await this.#set(joined ? [...done.slice(0, -1), await this.#stored(joined)] : [...done, await this.#stored(one)], [])
  }

  /** The change to take back; `apply` does it, and only then is the history moved. */
  async undo(apply: (one: Change) => Promise<Change>): Promise<boolean> {
    const { done, undone } = this.#file.value
    const last = done.at(-1)
    if (!last) return false
    const rest = done.slice(0, -1)
    const now = await this.#applied(last, apply, () => this.#set(rest, undone))
    await this.#set(rest, [...undone, now])
    return true
  }

  async redo(apply: (one: Change) => Promise<Change>): Promise<boolean> {
    const { done, undone } = this.#file.value
    const last = undone.at(-1)
    if (!last) return false
    const rest = undone.slice(0, -1)
    const now = await this.#applied(last, apply, () => this.#set(done, rest))
    await this.#set([...done, now], rest)
    return true
  }

  /** What left the trash for good can never be taken back: it is forgotten, so that the changes before it can be. */
  async #applied(one: Entry, apply: (one: Change) => Promise<Change>, forget: () => Promise<void>): Promise<Entry> {
    try {
      return await this.#stored(await apply(await this.#loaded(one)))
    } catch (error) {
      if (error instanceof PigmentError && error.code === 'trash-missing') await forget()
      throw error
    }
  }

  async #stored(one: Change): Promise<Entry> {
    const text = JSON.stringify(one)
    if (text.length <= smallest) return one
    const file = `${this.#dataset}.change-${randomBytes(8).toString('hex')}.json`
    await writeFileAtomic(join(this.#folder, file), new TextEncoder().encode(text))
    return { kind: 'large', label: one.label, file, characters: text.length }
  }

  async #loaded(one: Entry): Promise<Change> {
    if (one.kind !== 'large') return one
    try {
      return change.parse(JSON.parse(await readFile(join(this.#folder, one.file), 'utf8')))
    } catch (cause) {
      throw new PigmentError('trash-missing', 'What this change was before is no longer kept, so it cannot be taken back.', {}, cause)
    }
  }

  async #set(done: readonly Entry[], undone: readonly Entry[]): Promise<void> {
    const before = this.#file.value
    await this.#file.set({ done: fitting(done), undone: [...undone] })
    const kept = this.#files()
    for (const one of [...before.done, ...before.undone])
      if (one.kind === 'large' && !kept.has(one.file)) await rm(join(this.#folder, one.file), { force: true }).catch(() => undefined)
  }

  /** What an earlier session wrote and did not come to list. */
  async #sweep(): Promise<void> {
    const kept = this.#files()
    for (const name of await readdir(this.#folder).catch(() => []))
      if (name.startsWith(`${this.#dataset}.change-`) && !kept.has(name)) await rm(join(this.#folder, name), { force: true })
  }

  #files(): Set<string> {
    const { done, undone } = this.#file.value
    return new Set([...done, ...undone].flatMap((one) => (one.kind === 'large' ? [one.file] : [])))
  }
}

const charactersOf = (one: Entry): number => (one.kind === 'large' ? one.characters : JSON.stringify(one).length)

/** Two changes of one caption as one. */
function asOne(last: Entry | undefined, next: Change): Change | undefined {
  if (last?.kind !== 'captions' || next.kind !== 'captions') return undefined
  const [[before, ...more], [after]] = [last.changes, next.changes]
  if (!before || !after || more.length > 0 || before.sidecar !== after.sidecar || before.after !== after.before) return undefined
  return { ...next, changes: [{ ...after, before: before.before }] }
}

function fitting(changes: readonly Entry[]): Entry[] {
  const kept = changes.slice(-mostChanges)
  let characters = kept.reduce((sum, one) => sum + charactersOf(one), 0)
  while (kept.length > 1 && characters > mostCharacters) characters -= charactersOf(kept.shift() as Entry)
  return kept
}
