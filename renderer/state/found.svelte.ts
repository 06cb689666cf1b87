// Models that other programs keep on this machine: what the last look found, and what each takes of its memory.
import type { FoundKind, FoundModel, FoundModels, FoundPlace, ModelMemories } from '../../main/api/methods/found.ts'
import { host } from './host.svelte.ts'
import { latest } from './overtaken.ts'

/** What was looked at so lately is not looked at by itself again. */
const fresh = 60_000

class Found {
  models = $state.raw<readonly FoundModel[]>([])
  places = $state.raw<readonly FoundPlace[]>([])
  at = $state<number | null>(null)
  memories = $state.raw<ModelMemories>({ total: 0, of: {} })
  /** How far a look is; undefined while there is none. */
  looking = $state<{ readonly task: string; readonly done: number; readonly total: number }>()
  readonly #newest = latest()
  readonly #newestMemories = latest()

  /** What is known, at once; then a look, unless there was one just now. */
  async open(): Promise<void> {
    await this.read()
    if (this.at === null || Date.now() - this.at > fresh) await this.look()
  }
  async read(): Promise<void> {
    await this.#take(host.api.models.found())
  }
  look(): Promise<void> {
    return this.#long((task) => host.api.models.look({ task }))
  }
  /** Throws why the folder cannot be read. */
  addPlace(path: string): Promise<void> {
    return this.#long((task) => host.api.models.addPlace({ path, task }))
  }
  async removePlace({ id }: FoundPlace): Promise<void> {
    await host.attempt(() => this.#take(host.api.models.removePlace({ place: id })))
  }
  stop(): void {
    const { looking } = this
    if (looking) void host.attempt(() => host.api.app.stop({ task: looking.task }))
  }

  async use({ path }: FoundModel): Promise<void> {
    await host.attempt(() => host.api.models.add({ path }))
    await host.attempt(() => this.read())
  }

  /** Folders of adapters that the library does not watch yet. */
  toWatch = $derived([...new Set(this.models.flatMap(({ watch }) => watch ?? []))])
  watching = $state(false)
  async watch(folders: readonly string[]): Promise<void> {
    this.watching = true
    // One that cannot be watched is told, and keeps none of the others back.
    for (const path of folders) await host.attempt(() => host.api.library.addFolder({ path }))
    this.watching = false
    await host.attempt(() => this.read())
  }

  count(kind: FoundKind): number {
    return this.models.filter((one) => one.kind === kind).length
  }
  placeOf({ place }: FoundModel): FoundPlace | undefined {
    return this.places.find(({ id }) => id === place)
  }

  async #long(ask: (task: string) => Promise<FoundModels>): Promise<void> {
    if (this.looking) return
    const task = crypto.randomUUID()
    this.looking = { task, done: 0, total: 0 }
    const deaf = host.hear('task', (event) => {
      if (event.task === task) this.looking = { task, done: event.done, total: event.total }
    })
    try {
      await this.#take(ask(task))
    } finally {
      deaf()
      this.looking = undefined
    }
  }
  async #take(answer: Promise<FoundModels>): Promise<void> {
    const found = await this.#newest(answer)
    if (!found) return
    ;({ models: this.models, places: this.places, at: this.at } = found)
    void this.remember().catch(() => undefined)
  }
  /** Read off graphs, which takes a second for each size of models: the list is there before. */
  async remember(): Promise<void> {
    this.memories = (await this.#newestMemories(host.api.models.memory())) ?? this.memories
  }
}

export const found = new Found()
