// The pictures of the open set, page by page as they scroll into view, and its tags.
import type { DatasetItem, TagCount } from '../../main/api/methods/datasets.ts'
import { host } from './host.svelte.ts'
import { latest, Meanwhile } from './overtaken.ts'
import { PictureChoice } from './picture-choice.svelte.ts'
import type { PictureFilter } from './picture-filter.svelte.ts'

const pageSize = 100

export class SetPictures {
  /** Sparse: an item that was not asked for yet is missing. */
  items = $state.raw<(DatasetItem | undefined)[]>([])
  tags = $state<readonly TagCount[]>([])
  readonly choice = new PictureChoice(() => this.items)
  readonly #dataset: () => string
  readonly #filter: PictureFilter
  #asked = new Map<number, Promise<void>>()
  /** Pictures as a change of theirs left them: a page that was on its way may not know of it. */
  readonly #changed = new Meanwhile<DatasetItem>()
  #generation = 0
  #stale = false
  readonly #newestTags = latest()

  /** `dataset` gives the open one, or ''. */
  constructor(dataset: () => string, filter: PictureFilter) {
    this.#dataset = dataset
    this.#filter = filter
  }

  /** Of another set. */
  clear(): void {
    this.items = []
    this.choice.clear()
  }

  /** Forgets the pages that are here and asks again from the top. */
  refresh(): void {
    this.#asked.clear()
    this.#generation++
    this.#stale = true
    if (!this.#dataset()) return
    void this.need(0).then(() => this.#recheck())
    const asked = host.api.datasets.tags({ dataset: this.#dataset(), limit: 60 })
    void host.attempt(async () => (this.tags = (await this.#newestTags(asked)) ?? this.tags))
  }

  /** Makes sure that the page of an item is here. */
  need(index: number): Promise<void> {
    const page = Math.floor(index / pageSize)
    const asked = this.#asked.get(page) ?? this.#page(page)
    this.#asked.set(page, asked)
    return asked
  }

  async #page(page: number): Promise<void> {
    const generation = this.#generation
    const request = { dataset: this.#dataset(), filter: this.#filter.now(), offset: page * pageSize, limit: pageSize }
    const answer = await host.attempt(() => this.#changed.ask(() => host.api.datasets.items(request)))
    if (!answer || generation !== this.#generation) return
    const [got, since] = answer
    const newest = new Map(since.map((item) => [item.id, item]))
    // What was shown stays until there is something to show in its place.
    const items = this.#stale ? [] : this.items.slice()
    this.#stale = false
    items.length = got.total
    const here = got.items.map((item) => newest.get(item.id) ?? item)
    here.forEach((item, i) => (items[got.offset + i] = item))
    this.items = items
    this.choice.take(here, !this.#filter.narrows && here.length === got.total)
  }

  /** Asks for the shown picture where the list does not tell of it: a filter may hide it, or it is gone. */
  async #recheck(): Promise<void> {
    const { shown, listed } = this.choice
    if (!shown || listed) return
    const [dataset, generation] = [this.#dataset(), this.#generation]
    const filter = { text: shown.path.slice(0, 500), folder: shown.folder }
    const answer = await host.attempt(() => this.#changed.ask(() => host.api.datasets.items({ dataset, filter, offset: 0, limit: 500 })))
    if (!answer || generation !== this.#generation) return
    const [got, since] = answer
    const now = since.findLast(({ id }) => id === shown.id) ?? got.items.find(({ id }) => id === shown.id)
    if (now) this.choice.hear(now)
    else if (got.items.length === got.total) this.choice.gone([shown.id])
  }

  /** A picture as it is now. */
  put(item: DatasetItem): void {
    this.#changed.tell(item)
    this.items = this.items.map((one) => (one?.id === item.id ? item : one))
    this.choice.hear(item)
  }

  /** To a picture alone, near or far. */
  async go(index: number): Promise<void> {
    const to = Math.max(0, Math.min(this.items.length - 1, index))
    if (!this.items[to]) await this.need(to)
    const there = this.items[to]
    if (there) this.choice.alone(there)
  }

  /** Makes sure that the page of a path is here. */
  async find(path: string): Promise<void> {
    for (let [low, high] = [0, this.items.length - 1]; low <= high;) {
      const middle = (low + high) >> 1
      await this.need(middle)
      const there = this.items[middle]
      if (!there || there.path === path) return
      if (there.path < path) low = middle + 1
      else high = middle - 1
    }
  }
}
