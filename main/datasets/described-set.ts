// The pictures of a set as screens see them, and their sums: made once, and then brought up to date picture by picture, so that one caption
// costs as much in a set of ten thousand as in one of ten.
import type { DatasetItem, PictureFlag, TagCount } from '../api/methods/datasets.ts'
import { pictureFlags } from '../api/methods/datasets.ts'
import { tagsOf } from '../operations/bulk-edit.ts'
import { bucketName, describeItem, fitter, type Fit, type View } from './describe.ts'

export interface Tally {
  readonly flags: Record<PictureFlag, number>
  readonly buckets: Map<string, number>
  /** By tag in small letters. */
  readonly tags: Map<string, TagCount>
  looked: number
}
type Seen = Pick<View, 'set' | 'media' | 'shape' | 'groups'>

export class DescribedSet {
  readonly items = new Map<string, DatasetItem>()
  readonly tally: Tally
  readonly #seen: Seen
  readonly #fit: Fit
  readonly #generation: number
  readonly #revision: number
  #patched: number

  constructor(seen: Seen) {
    this.#seen = seen
    this.#fit = fitter(seen.shape)
    this.#generation = seen.set.generation
    this.#revision = seen.set.facts.revision
    this.#patched = seen.set.patches.length
    this.tally = {
      flags: Object.fromEntries(pictureFlags.map((flag) => [flag, 0])) as Tally['flags'],
      buckets: new Map(),
      tags: new Map(),
      looked: 0,
    }
    for (const [id, one] of seen.set.found) this.#put(id, describeItem(seen, one, this.#fit))
    for (const one of seen.set.found.values()) if (seen.set.facts.looked(one)) this.tally.looked++
  }

  /** Whether this is still the same set, but for the single pictures that `update` takes in. */
  describes({ set, shape, groups }: Seen): boolean {
    const { shape: known } = this.#seen
    const same = this.#generation === set.generation && this.#revision === set.facts.revision && this.#seen.groups === groups
    return same && known.side === shape.side && known.step === shape.step
  }

  update(): this {
    const { set } = this.#seen
    for (const id of set.patches.slice(this.#patched)) this.#put(id, describeItem(this.#seen, set.item(id), this.#fit))
    this.#patched = set.patches.length
    return this
  }

  #put(id: string, item: DatasetItem): void {
    const before = this.items.get(id)
    if (before) this.#count(before, -1)
    this.items.set(id, item)
    this.#count(item, 1)
  }

  #count({ flags, fit, caption }: DatasetItem, by: 1 | -1): void {
    for (const flag of flags) this.tally.flags[flag] += by
    for (const tag of new Set(tagsOf(caption))) {
      const key = tag.toLowerCase()
      const known = this.tally.tags.get(key)
      const count = (known?.count ?? 0) + by
      if (count > 0) this.tally.tags.set(key, { tag: known?.tag ?? tag, count })
      else this.tally.tags.delete(key)
    }
    if (!fit) return
    const name = bucketName(fit)
    const count = (this.tally.buckets.get(name) ?? 0) + by
    if (count > 0) this.tally.buckets.set(name, count)
    else this.tally.buckets.delete(name)
  }
}
