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
import { PigmentError } from '../../engine/spec/error.ts'
import { errorWords } from '../words/told.ts'
import { t } from '../words/words.svelte.ts'
import { arrived, type Coming } from './dropped-files.ts'
import { host } from './host.svelte.ts'
import { latest } from './overtaken.ts'

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
  selected = $state<ReadonlySet<string>>(new Set())
  /** What training cuts away is shown on pictures. */
  showsCrop = $state(false)
  #asked = new Set<number>()
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
    this.selected = new Set()
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
    void this.need(0)
    const asked = host.api.datasets.tags({ dataset: this.openId, limit: 60 })
    void host.attempt(async () => (this.tags = (await this.#newestTags(asked)) ?? this.tags))
  }

  /** Makes sure that the page of an item is here. */
  async need(index: number): Promise<void> {
    const page = Math.floor(index / pageSize)
    if (this.#asked.has(page)) return
    this.#asked.add(page)
    const generation = this.#generation
    const request = { dataset: this.openId, filter: $state.snapshot(this.filter) as ItemFilter, offset: page * pageSize, limit: pageSize }
    const got = await host.attempt(() => host.api.datasets.items(request))
    if (!got || generation !== this.#generation) return
    // What was shown stays until there is something to show in its place.
    const items = this.#stale ? [] : this.items.slice()
    this.#stale = false
    items.length = got.total
    got.items.forEach((item, i) => (items[got.offset + i] = item))
    this.items = items
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

  /** Saves a caption. A change from outside overwrites nothing and is not overwritten: both are shown, and a person chooses. */
  async setCaption(item: DatasetItem, caption: string): Promise<DatasetItem | undefined> {
    if (caption === item.caption) return undefined
    const dataset = this.openId
    try {
      const saved = await host.api.datasets.setCaption({ dataset, item: item.id, caption, version: item.version })
      if (dataset === this.openId) this.items = this.items.map((one) => (one?.id === saved.id ? saved : one))
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
          run: () => void this.setCaption({ ...item, caption: String(theirs), version: String(version) }, caption),
        },
      })
      // The field follows the file; what was written in it stands in the notice.
      return { ...item, caption, version: String(version) }
    }
  }

  scope(selectedOnly: boolean): { items: string[] } | { filter: ItemFilter } {
    return selectedOnly ? { items: [...this.selected] } : { filter: $state.snapshot(this.filter) as ItemFilter }
  }

  previewEdit(edit: BulkEdit, selectedOnly: boolean) {
    return host.api.datasets.previewEdit({ dataset: this.openId, selection: this.scope(selectedOnly), edit })
  }

  async applyEdit(edit: BulkEdit, selectedOnly: boolean): Promise<void> {
    await host.attempt(() => host.api.datasets.applyEdit({ dataset: this.openId, selection: this.scope(selectedOnly), edit }))
    this.refresh()
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
    this.selected = new Set()
    this.refresh()
  }

  /** To the trash, with a way back. */
  async delete(items: readonly string[]): Promise<void> {
    const dataset = this.openId
    const done = await host.attempt(() => host.api.datasets.deleteItems({ dataset, items: [...items] }))
    if (!done) return
    this.selected = new Set([...this.selected].filter((one) => !items.includes(one)))
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

  /** Selects one alone, or with `keep` in or out of the selection. */
  select(id: string, keep: boolean): void {
    const next = new Set(keep ? this.selected : [])
    if (keep && next.has(id)) next.delete(id)
    else next.add(id)
    this.selected = next
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

const flipped = <Item>(list: Item[], one: Item): Item[] => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one])

export const datasets = new Datasets()
