// Which pictures of the open set are chosen, and which of them is shown beside the grid: one thing, so that the two never part.
import type { DatasetItem } from '../../main/api/methods/datasets.ts'

type Items = readonly (DatasetItem | undefined)[]

export class PictureChoice {
  selected = $state.raw<ReadonlySet<string>>(new Set())
  readonly #items: () => Items = () => []
  /** As it was told last: it stays while a filter hides it, so that what is written beside it stays its own. */
  #last = $state.raw<DatasetItem>()
  /** Where it stood in the list when it was last seen there. */
  #place = $state(0)
  /** A set that was just opened begins with its first picture. */
  #fresh = true

  constructor(items: () => Items) {
    this.#items = items
  }

  /** What is shown is chosen; where nothing is chosen nothing is shown. */
  shown = $derived.by((): DatasetItem | undefined => {
    if (this.#last && this.selected.has(this.#last.id)) return this.#last
    return this.#items().find((one) => one && this.selected.has(one.id))
  })
  /** The shown one's place in the list, −1 where a filter hides it. */
  readonly #index = $derived(this.#items().findIndex((one) => one !== undefined && one.id === this.shown?.id))
  listed = $derived(this.#index >= 0)
  /** Its place, or where it stood. */
  at = $derived(this.listed ? this.#index : Math.max(0, Math.min(this.#place, this.#items().length - 1)))

  /** Another set. */
  clear(): void {
    this.selected = new Set()
    this.#last = undefined
    this.#place = 0
    this.#fresh = true
  }

  /** As the mouse or the keys say: with Shift up to it, with Ctrl also it, else it alone. */
  pick(
    item: DatasetItem,
    { shiftKey, ctrlKey, metaKey }: { readonly shiftKey: boolean; readonly ctrlKey: boolean; readonly metaKey: boolean },
  ): void {
    if (shiftKey && this.selected.size > 0) this.upTo(item)
    else if (ctrlKey || metaKey) this.toggle(item)
    else this.alone(item)
  }

  /** This one alone. */
  alone(item: DatasetItem): void {
    this.selected = new Set([item.id])
    this.#look(item)
  }
  /** Into the selection, or out of it. */
  toggle(item: DatasetItem): void {
    const next = new Set(this.selected)
    if (!next.delete(item.id)) next.add(item.id)
    this.selected = next
    this.#look(item)
  }
  /** All from the shown one to this one, with those that are chosen already. */
  upTo(item: DatasetItem): void {
    const to = this.#items().findIndex((one) => one?.id === item.id)
    const [first, last] = [Math.min(this.at, to), Math.max(this.at, to)]
    const between = this.#items().slice(first, last + 1)
    this.selected = new Set([...this.selected, ...between.flatMap((one) => one?.id ?? [])])
    this.#look(item)
  }

  #look(item: DatasetItem): void {
    this.#last = item
    this.#place = this.listed ? this.#index : this.#place
  }

  /** News of a picture. */
  hear(item: DatasetItem): void {
    if (item.id === this.#last?.id) this.#last = item
  }

  /** A page of the list came. `whole`: there are no others and no filter, so that what is not in it is gone. */
  take(items: readonly DatasetItem[], whole: boolean): void {
    for (const item of items) this.hear(item)
    if (this.listed) this.#place = this.#index
    if (whole) {
      const ids = new Set(items.map(({ id }) => id))
      this.gone([...this.selected].filter((id) => !ids.has(id)))
    }
    const [first] = items
    if (this.#fresh && this.selected.size === 0 && first) this.alone(first)
    this.#fresh = false
  }

  /** These are gone. Where nothing is chosen any more, what comes after the shown one is, or what comes before it. */
  gone(ids: readonly string[]): void {
    const next = new Set(this.selected)
    for (const id of ids) next.delete(id)
    if (next.size === this.selected.size) return
    const [items, place] = [this.#items(), this.at]
    this.selected = next
    const stays = (one: DatasetItem | undefined): boolean => one !== undefined && !ids.includes(one.id)
    const there = items.slice(place).find(stays) ?? items.slice(0, place).findLast(stays)
    if (next.size === 0 && there) this.alone(there)
  }
}
