// Undo and redo of a data set: what each change did to which files, on disk, so that it outlives a restart.
import { join } from 'node:path'
import { z } from 'zod'
import { PigmentError } from '../../engine/spec/error.ts'
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

const schema = z.object({ done: z.array(change).default([]), undone: z.array(change).default([]) })
const mostChanges = 200
/** Of the file; beyond it the oldest changes are forgotten. */
const mostCharacters = 20_000_000

export class History {
  readonly #file: JsonFile<typeof schema>
  private constructor(file: JsonFile<typeof schema>) {
    this.#file = file
  }

  static async open(folder: string, dataset: string): Promise<History> {
    return new History(await JsonFile.open(join(folder, `${dataset}.history.json`), schema))
  }

  get undoLabel(): string | null {
    return this.#file.value.done.at(-1)?.label ?? null
  }
  get redoLabel(): string | null {
    return this.#file.value.undone.at(-1)?.label ?? null
  }

  async record(one: Change): Promise<void> {
    await this.#file.set({ done: fitting([...this.#file.value.done, one]), undone: [] })
  }

  /** The change to take back; `apply` does it, and only then is the history moved. */
  async undo(apply: (one: Change) => Promise<Change>): Promise<boolean> {
    const last = this.#file.value.done.at(-1)
    if (!last) return false
    const now = await apply(last).catch(async (error: unknown) => {
      if (isGone(error)) await this.#file.set({ ...this.#file.value, done: this.#file.value.done.slice(0, -1) })
      throw error
    })
    await this.#file.set({ done: this.#file.value.done.slice(0, -1), undone: [...this.#file.value.undone, now] })
    return true
  }

  async redo(apply: (one: Change) => Promise<Change>): Promise<boolean> {
    const last = this.#file.value.undone.at(-1)
    if (!last) return false
    const now = await apply(last).catch(async (error: unknown) => {
      if (isGone(error)) await this.#file.set({ ...this.#file.value, undone: this.#file.value.undone.slice(0, -1) })
      throw error
    })
    await this.#file.set({ done: [...this.#file.value.done, now], undone: this.#file.value.undone.slice(0, -1) })
    return true
  }
}

/** What left the trash for good can never be taken back: it is forgotten, so that the changes before it can be. */
const isGone = (error: unknown): boolean => error instanceof PigmentError && error.code === 'trash-missing'

function fitting(changes: readonly Change[]): Change[] {
  const kept = changes.slice(-mostChanges)
  while (kept.length > 1 && JSON.stringify(kept).length > mostCharacters) kept.shift()
  return kept
}
