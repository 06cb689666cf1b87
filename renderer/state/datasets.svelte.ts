// The sets, and the one that is open, with every change to it.
import type { BulkEdit, CropBox, DatasetItem, DatasetSummary, FilledDataset, ItemFilter } from '../../main/api/methods/datasets.ts'
import { PigmentError } from '../../engine/requests/error.ts'
import { errorWords } from '../words/told.ts'
import { t } from '../words/words.svelte.ts'
import { arrived, type Coming } from './dropped-files.ts'
import { host } from './host.svelte.ts'
import { PictureFilter } from './picture-filter.svelte.ts'
import { SetPictures } from './set-pictures.svelte.ts'

class Datasets {
  all = $state<readonly DatasetSummary[]>([])
  loaded = $state(false)
  openId = $state('')
  readonly filter = new PictureFilter(() => this.refresh())
  readonly pictures = new SetPictures(() => this.openId, this.filter)
  readonly choice = this.pictures.choice
  /** What training cuts away is shown on pictures. */
  showsCrop = $state(false)
  #news = 0
  /** What was sent last of each caption: the answer, or news of it, may come after the next one is on its way. */
  readonly #sent = new Map<string, string>()
  #hears = false

  current = $derived(this.all.find(({ id }) => id === this.openId))

  /** Nothing of one that is not there. */
  nameOf = (id: string): string => this.all.find((one) => one.id === id)?.name ?? ''

  /** Asks for what is shown again, from the top. */
  refresh(): void {
    this.pictures.refresh()
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
    this.pictures.clear()
    this.filter.clear()
    this.refresh()
  }

  /** A set as it is now. */
  #take(dataset: DatasetSummary): void {
    this.all = [dataset, ...this.all.filter(({ id }) => id !== dataset.id)]
    if (dataset.id === this.openId) this.filter.fit(dataset)
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
    const name = `${dataset}/${item.id}`
    const sent = this.#sent.get(name)
    this.#sent.set(name, caption)
    try {
      const saved = await host.api.datasets.setCaption({ dataset, item: item.id, caption, version: item.version, continues, sent })
      if (dataset === this.openId) this.pictures.put(saved)
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

  scope(selectedOnly: boolean): { items: string[] } | { filter: ItemFilter } {
    return selectedOnly ? { items: [...this.choice.selected] } : { filter: this.filter.now() }
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
    const followed = this.filter.folder === folder
    const done = await this.#change(() => host.api.datasets.setRepeats({ dataset: this.openId, folder, repeats }))
    const bare = (path: string): string => path.replace(/^\d+_/, '')
    if (done && followed) this.filter.folder = done.folders.find(({ path }) => bare(path) === bare(folder))?.path
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

export const datasets = new Datasets()
