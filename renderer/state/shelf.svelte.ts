// What of the library is in sight, and which of it is chosen: one is shown beside the list, several are for what needs several.
import type { z } from 'zod'
import { adapterFilter, chosenAdapters, twinContents, type AdapterFilter } from '../../main/api/adapter-filter.ts'
import type { AdapterCard, WatchedFolder } from '../../main/api/methods/library.ts'
import { waysOf } from './folder-tree.ts'
import { host } from './host.svelte.ts'
import { library } from './library.svelte.ts'
import { recordIn } from './record-in.ts'
import { settings } from './settings.svelte.ts'

interface Choice {
  readonly value: string
  readonly count: number
}

/** Lenient: what another version remembered of it is let go. */
const rememberedView = adapterFilter.pick({ sort: true, folder: true, favourite: true, family: true, kind: true, rating: true }).strip()

/** A folder or a family that has gone would leave nothing in sight. */
function stillThere(
  view: z.output<typeof rememberedView>,
  cards: readonly Pick<AdapterCard, 'folder' | 'family'>[],
): z.output<typeof rememberedView> {
  const { folder, family, ...rest } = view
  const folders = folder !== undefined && cards.some((card) => waysOf(card.folder).includes(folder))
  const families = family !== undefined && cards.some((card) => card.family === family)
  return { ...rest, ...(folders ? { folder } : {}), ...(families ? { family } : {}) }
}

class Shelf {
  filter = $state<AdapterFilter>(adapterFilter.parse({}))
  selected = $state.raw<ReadonlySet<string>>(new Set())
  folders = $state.raw<readonly WatchedFolder[]>([])
  #remembered = false

  found = $derived(chosenAdapters(library.adapters, this.filter))
  chosen = $derived(this.found.filter(({ id }) => this.selected.has(id)))
  twins = $derived(twinContents(library.adapters))
  families = $derived(countsOf(library.adapters.map(({ family }) => family)))
  tags = $derived(countsOf(library.adapters.flatMap(({ tags }) => tags)))
  kinds = $derived(countsOf(library.adapters.map(({ kind }) => kind)))
  broken = $derived(library.adapters.filter(({ error }) => error).length)
  twice = $derived(library.adapters.filter(({ content }) => this.twins.has(content)).length)
  narrowed = $derived(JSON.stringify({ ...this.filter, sort: '' }) !== JSON.stringify({ ...adapterFilter.parse({}), sort: '' }))

  /** Where one was and how it was ordered is remembered; what was looked for is not. */
  open(): void {
    if (!this.#remembered) {
      const view = rememberedView.safeParse(recordIn(settings.current.remembered.library ?? ''))
      if (view.success) Object.assign(this.filter, stillThere(view.data, library.adapters))
      this.#remembered = true
    }
    void host.attempt(async () => (this.folders = await host.api.library.folders()))
    // What was drawn since is counted.
    void host.attempt(() => library.refresh())
  }
  /** As it is now, for the next time. */
  keepView(): void {
    if (this.#remembered) settings.remember('library', JSON.stringify(rememberedView.parse(this.filter)))
  }
  showAll(): void {
    this.filter = { ...adapterFilter.parse({}), sort: this.filter.sort }
  }

  toggle(id: string): void {
    const next = new Set(this.selected)
    if (!next.delete(id)) next.add(id)
    this.selected = next
  }
  /** All between two of the list, with those that are chosen already. */
  upTo(from: string | undefined, to: string): void {
    const places = [from, to].map((id) => this.found.findIndex((one) => one.id === id)).filter((place) => place >= 0)
    const between = this.found.slice(Math.min(...places), Math.max(...places) + 1)
    this.selected = new Set([...this.selected, ...between.map(({ id }) => id)])
  }
  selectAll(): void {
    this.selected = new Set(this.found.map(({ id }) => id))
  }
  clear(): void {
    this.selected = new Set()
  }

  async change(card: Pick<AdapterCard, 'id'>, words: Omit<Parameters<typeof host.api.library.update>[0], 'adapter'>): Promise<void> {
    await host.attempt(() => host.api.library.update({ adapter: card.id, ...words }))
  }
}

function countsOf(values: readonly string[]): Choice[] {
  const counts = Map.groupBy(values, (value) => value)
  return Array.from(counts, ([value, { length: count }]) => ({ value, count }))
    .filter(({ value }) => value !== '')
    .sort((a, b) => a.value.localeCompare(b.value))
}

export const shelf = new Shelf()
