// The sets, and the one that is open: its pictures page by page as they scroll into view, the selection, the filter.
import type {
  BulkEdit,
  CropBox,
  DatasetItem,
  DatasetSummary,
  FilledDataset,
  ItemFilter,
  PictureFlag,
  TagCount,
} from '../../main/api/methods/datasets.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { errorWords } from '../words/told.ts'
import { t } from '../words/words.svelte.ts'
import { arrived, type Coming } from './dropped-files.ts'
import { host } from './host.svelte.ts'
import { latest, Meanwhile } from './overtaken.ts'
import { PictureChoice } from './picture-choice.svelte.ts'

const pageSize = 100

class Datasets {
  all = $state<readonly DatasetSummary[]>([])
  loaded = $state(false)
  openId = $state('')
  /** Sparse: an item that was not asked for yet is missing. */
  items = $state.raw<(DatasetItem | undefined)[]>([])
  tags = $state<readonly TagCount[]>([])
  text = $state('')
  flags = $state<PictureFlag[]>([])
  tagFilter = $state<string[]>([])
  folder = $state<string>()
  /** `512x768`, or '' for all. */
  bucket = $state('')
  readonly choice = new PictureChoice(() => this.items)
  /** What training cuts away is shown on pictures. */
  showsCrop = $state(false)
  #asked = new Map<number, Promise<void>>()
  /** Pictures as a change of theirs left them: a page that was on its way may not know of it. */
  readonly #changed = new Meanwhile<DatasetItem>()
  #generation = 0
  #news = 0
  #stale = false
  #hears = false
  readonly #newestTags = latest()

  current = $derived(this.all.find(({ id }) => id === this.openId))
  filter = $derived<ItemFilter>({
    ...(this.text ? { text: this.text } : {}),
    ...(this.folder === undefined ? {} : { folder: this.folder }),
    ...(this.bucket ? { bucket: this.bucket } : {}),
    flags: this.flags,
    tags: this.tagFilter,
  })
  filtered = $derived(
    this.text !== '' || this.folder !== undefined || this.bucket !== '' || this.flags.length > 0 || this.tagFilter.length > 0,
  )

  get selected(): ReadonlySet<string> {
    return this.choice.selected
  }
  set selected(ids: ReadonlySet<string>) {
    this.choice.selected = ids
  }

  async load(): Promise<void> {
    if (!this.#hears) {
      this.#hears = true
      host.onReturn(async () => {
        await this.#list()
        this.refresh()
      })
      host.hear('datasets', ({ dataset, items, removed }) => {
        this.#news++
        if (removed) this.all = this.all.filter(({ id }) => id !== dataset.id)
        else this.#take(dataset)
        if (removed && dataset.id === this.openId) this.openId = ''
        else if (dataset.id === this.openId && (items === 'all' || items.length > 0)) this.refresh()
      })
    }
    await this.#list()
    this.loaded = true
  }

  /** A list that was on its way while news came may not know of them: it is asked for again. */
  async #list(): Promise<void> {
    for (;;) {
      const before = this.#news
      const all = await host.api.datasets.list()
      if (before !== this.#news) continue
      this.all = all
      return
    }
  }

  open(id: string): void {
    if (id === this.openId) return
    this.openId = id
    this.items = []
    this.choice.clear()
    this.text = ''
    this.flags = []
    this.tagFilter = []
    this.folder = undefined
    this.bucket = ''
    this.refresh()
  }

  /** A set as it is now. What is no longer in it must not go on filtering unseen. */
  #take(dataset: DatasetSummary): void {
    this.all = [dataset, ...this.all.filter(({ id }) => id !== dataset.id)]
    if (dataset.id !== this.openId) return
    if (!dataset.folders.some(({ path }) => path === this.folder)) this.folder = undefined
    if (!dataset.buckets.some(({ width, height }) => `${width}x${height}` === this.bucket)) this.bucket = ''
  }

  /** Forgets the pages that are here and asks again from the top. */
  refresh(): void {
    this.#asked.clear()
    this.#generation++
    this.#stale = true
    if (!this.openId) return
    void this.need(0).then(() => this.#recheck())
    const asked = host.api.datasets.tags({ dataset: this.openId, limit: 60 })
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
    const request = { dataset: this.openId, filter: $state.snapshot(this.filter) as ItemFilter, offset: page * pageSize, limit: pageSize }
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
    this.choice.take(here, !this.filtered && here.length === got.total)
  }

  /** Asks for the shown picture where the list does not tell of it: a filter may hide it, or it is gone. */
  async #recheck(): Promise<void> {
    const { shown, listed } = this.choice
    if (!shown || listed) return
    const [dataset, generation] = [this.openId, this.#generation]
    const filter = { text: shown.path.slice(0, 500), folder: shown.folder }
    const answer = await host.attempt(() => this.#changed.ask(() => host.api.datasets.items({ dataset, filter, offset: 0, limit: 500 })))
    if (!answer || generation !== this.#generation) return
    const [got, since] = answer
    const now = since.findLast(({ id }) => id === shown.id) ?? got.items.find(({ id }) => id === shown.id)
    if (now) this.choice.hear(now)
    else if (got.items.length === got.total) this.choice.gone([shown.id])
  }

  /** Throws why it cannot be; gives nothing when a person stopped it. */
  create(name: string, from: Coming, mode: 'copy' | 'reference' = 'copy'): Promise<DatasetSummary | undefined> {
    const set = name || t('datasets.title')
    return host.long(t('datasets.coming', { name: set }), t('app.stop'), async ({ task, progress }) =>
      told(await host.api.datasets.create({ name: set, from: await arrived(from, progress), mode, task })),
    )
  }

  async add(from: Coming): Promise<void> {
    const dataset = this.openId
    await host.long(t('datasets.coming', { name: this.current?.name ?? '' }), t('app.stop'), async ({ task, progress }) =>
      told(await host.api.datasets.addPictures({ dataset, from: await arrived(from, progress), task })),
    )
  }

  async analyse(): Promise<void> {
    const dataset = this.openId
    await host.attempt(() =>
      host.long(t('datasets.looking', { name: this.current?.name ?? '' }), t('app.stop'), ({ task }) =>
        host.api.datasets.analyse({ dataset, task }),
      ),
    )
  }

  /**
   * Saves a caption of a set, open or not. A change from outside overwrites nothing and is not overwritten: both are shown, and a person
   * chooses. `continues`: the same person goes on writing, and undo takes all of it back at once.
   */
  async setCaption(dataset: string, item: DatasetItem, caption: string, continues = false): Promise<DatasetItem | undefined> {
    try {
      const saved = await host.api.datasets.setCaption({ dataset, item: item.id, caption, version: item.version, continues })
      if (dataset === this.openId) this.#put(saved)
      return saved
    } catch (error) {
      if (!(error instanceof PigmentError && error.code === 'caption-conflict')) {
        host.fail(error)
        return undefined
      }
      const { theirs, version } = error.facts
      host.tell({
        text: t('datasets.conflict', { name: item.path, theirs: String(theirs), mine: caption }),
        stays: true,
        action: {
          label: t('datasets.conflict.mine'),
          run: () => void this.setCaption(dataset, { ...item, caption: String(theirs), version: String(version) }, caption),
        },
      })
      // The field follows the file; what was written in it stands in the notice.
      return { ...item, caption, version: String(version) }
    }
  }

  /** A picture as it is now. */
  #put(item: DatasetItem): void {
    this.#changed.tell(item)
    this.items = this.items.map((one) => (one?.id === item.id ? item : one))
    this.choice.hear(item)
  }

  scope(selectedOnly: boolean): { items: string[] } | { filter: ItemFilter } {
    return selectedOnly ? { items: [...this.selected] } : { filter: $state.snapshot(this.filter) as ItemFilter }
  }

  previewEdit(edit: BulkEdit, selectedOnly: boolean) {
    return host.api.datasets.previewEdit({ dataset: this.openId, selection: this.scope(selectedOnly), edit })
  }

  /** False where it failed. */
  async applyEdit(edit: BulkEdit, selectedOnly: boolean): Promise<boolean> {
    const done = await host.attempt(() => host.api.datasets.applyEdit({ dataset: this.openId, selection: this.scope(selectedOnly), edit }))
    this.refresh()
    return done !== undefined
  }

  async undo(dataset = this.openId): Promise<void> {
    await this.#change(() => host.api.datasets.undo({ dataset }))
    this.refresh()
  }

  async redo(): Promise<void> {
    await this.#change(() => host.api.datasets.redo({ dataset: this.openId }))
    this.refresh()
  }

  /** What a change made of a set; news that came meanwhile may be newer than that. */
  async #change(work: () => Promise<DatasetSummary>): Promise<DatasetSummary | undefined> {
    const before = this.#news
    const done = await host.attempt(work)
    if (done && before === this.#news) this.#take(done)
    return done
  }

  /** A folder's repeats are in its name: it is renamed, and the filter follows. */
  async setRepeats(folder: string, repeats: number): Promise<void> {
    if (!Number.isInteger(repeats)) return
    const followed = this.folder === folder
    const done = await this.#change(() => host.api.datasets.setRepeats({ dataset: this.openId, folder, repeats }))
    const bare = (path: string): string => path.replace(/^\d+_/, '')
    if (done && followed) this.folder = done.folders.find(({ path }) => bare(path) === bare(folder))?.path
    this.refresh()
  }

  /** To the trash, with a way back. */
  async delete(items: readonly string[]): Promise<void> {
    const dataset = this.openId
    const done = await host.attempt(() => host.api.datasets.deleteItems({ dataset, items: [...items] }))
    if (!done) return
    this.choice.gone(items)
    host.tell({ text: t('datasets.deleted', { n: items.length }), action: { label: t('app.undo'), run: () => void this.undo(dataset) } })
    this.refresh()
  }

  async crop(item: string, box: CropBox): Promise<void> {
    await host.attempt(() => host.api.datasets.crop({ dataset: this.openId, item, box }))
    this.refresh()
  }

  async update(change: { name?: string; trigger?: string; model?: string | null; resolution?: number | null }): Promise<void> {
    await host.attempt(() => host.api.datasets.update({ dataset: this.openId, ...change }))
  }

  /** Off the list, with a way back. */
  async remove({ id, name }: DatasetSummary): Promise<void> {
    const gone = await host.attempt(() => host.api.datasets.remove({ dataset: id }))
    if (!gone) return
    const back = () => void host.attempt(() => host.api.datasets.restore({ undo: gone.undo }))
    host.tell({ text: t('datasets.removed', { name }), action: { label: t('app.undo'), run: back } })
  }

  /** To a picture alone, near or far. */
  async go(index: number): Promise<void> {
    const to = Math.max(0, Math.min(this.items.length - 1, index))
    if (!this.items[to]) await this.need(to)
    const there = this.items[to]
    if (there) this.choice.alone(there)
  }

  /**
   * On to the next picture without a caption, from the end round to the first, among those that the filter lets through; false where there is
   * none. Pictures are in the order of their paths.
   */
  async goToBare(): Promise<boolean> {
    const dataset = this.openId
    const next = this.#bareBelow() ?? (await this.#askForBare())
    if (!next || dataset !== this.openId) return false
    this.choice.alone(next)
    if (!this.choice.listed) await this.#find(next.path)
    return dataset === this.openId
  }

  /** The next one without a caption, as far as the list below the shown one is here. */
  #bareBelow(): DatasetItem | undefined {
    const { at, listed } = this.choice
    for (let i = listed ? at + 1 : at; i < this.items.length; i++) {
      const item = this.items[i]
      if (!item) return undefined
      if (isBare(item)) return item
    }
    return undefined
  }

  async #askForBare(): Promise<DatasetItem | undefined> {
    const [dataset, from] = [this.openId, this.choice.shown?.path ?? '']
    const filter = { ...($state.snapshot(this.filter) as ItemFilter), flags: ['no-caption' as const] }
    let first: DatasetItem | undefined
    for (let offset = 0, total = 1; offset < total;) {
      const ask = offset
      const got = await host.attempt(() => host.api.datasets.items({ dataset, filter, offset: ask, limit: 500 }))
      if (!got || got.items.length === 0) break
      total = got.total
      offset += got.items.length
      const others = got.items.filter(({ path, flags }) => path !== from && passes(flags, this.flags))
      const later = others.find(({ path }) => path > from)
      if (later) return later
      first ??= others[0]
    }
    return first
  }

  /** Makes sure that the page of a path is here. */
  async #find(path: string): Promise<void> {
    for (let [low, high] = [0, this.items.length - 1]; low <= high;) {
      const middle = (low + high) >> 1
      await this.need(middle)
      const there = this.items[middle]
      if (!there || there.path === path) return
      if (there.path < path) low = middle + 1
      else high = middle - 1
    }
  }

  toggleFlag(flag: PictureFlag): void {
    this.flags = flipped(this.flags, flag)
    this.refresh()
  }
  toggleTag(tag: string): void {
    this.tagFilter = flipped(this.tagFilter, tag)
    this.refresh()
  }
  toggleFolder(path: string): void {
    this.folder = this.folder === path ? undefined : path
    this.refresh()
  }
}

/** Says what did not come along, and why: the first few by name. */
function told<Set extends DatasetSummary | FilledDataset>(set: Set): Set {
  const brought = 'brought' in set ? set.brought : undefined
  if (!brought || brought.leftOut.count === 0) return set
  const { count, files } = brought.leftOut
  const why = files.slice(0, 3).map((one) => t('datasets.left-out.one', { path: one.path, why: errorWords(one) }))
  const more = count > why.length ? [t('datasets.left-out.more', { n: count - why.length })] : []
  host.tell({ text: t('datasets.brought', { n: brought.pictures, left: count, why: [...why, ...more].join(' ') }), stays: true })
  return set
}

/** Of several flags any one lets a picture through. */
const passes = (own: readonly PictureFlag[], wanted: readonly PictureFlag[]): boolean =>
  wanted.length === 0 || wanted.some((flag) => own.includes(flag))

const isBare = ({ flags }: DatasetItem): boolean => flags.includes('no-caption')

const flipped = <Item>(list: Item[], one: Item): Item[] => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one])

export const datasets = new Datasets()
