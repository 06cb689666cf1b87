// Data sets as the screens ask for them: in the formats of the model that they are meant for, and with what looks alike.
import type { DatasetSummary } from '../api/methods/datasets.ts'
import type { MediaNames } from '../stores/media.ts'
import type { Models } from '../stores/models.ts'
import { DescribedSet } from './described-set.ts'
import { describeDataset, type Shape, type View } from './describe.ts'
import { groupAlike } from './duplicates.ts'
import type { OpenDataset } from './open-dataset.ts'
import type { DatasetEntry, DatasetStore } from './store.ts'

export interface DatasetViewsOptions {
  readonly datasets: DatasetStore
  readonly media: MediaNames
  readonly models: Models
}
type Hashes = readonly (readonly [id: string, hash: string])[]
type Groups = ReadonlyMap<string, number>

/** Without any model: Stable Diffusion's. */
const usual: Shape = { side: 512, step: 64 }

export class DatasetViews {
  readonly #options: DatasetViewsOptions
  readonly #alike = new WeakMap<OpenDataset, { readonly at: string; readonly hashes: Hashes; readonly groups: Groups }>()
  readonly #described = new WeakMap<OpenDataset, DescribedSet>()
  constructor(options: DatasetViewsOptions) {
    this.#options = options
  }

  async of(id: string): Promise<View> {
    const { datasets, media } = this.#options
    const set = await datasets.use(id)
    const shape = await this.#shapeOf(datasets.entry(id))
    // Last of all: what is told must not be older than what was told while the model was looked at.
    const seen = { set, media, shape, groups: this.#groupsOf(set) }
    const known = this.#described.get(set)
    const described = known?.describes(seen) ? known.update() : new DescribedSet(seen)
    this.#described.set(set, described)
    return { entry: datasets.entry(id), ...seen, described }
  }

  async summary(id: string): Promise<DatasetSummary> {
    return describeDataset(await this.of(id))
  }

  /** A model that is gone is as if none were chosen. */
  async #shapeOf({ model, resolution }: DatasetEntry): Promise<Shape> {
    const { models } = this.#options
    const facts = await models
      .get(model ?? undefined)
      .catch(() => models.get())
      .then(
        (found) => found.facts,
        () => usual,
      )
    return { side: resolution ?? facts.side, step: facts.step }
  }

  /** Compared anew only when a picture came, went or changed. */
  #groupsOf(set: OpenDataset): Groups {
    const known = this.#alike.get(set)
    // Captions change nothing of it.
    const at = `${set.generation}-${set.facts.revision}`
    if (known?.at === at) return known.groups
    const hashes = Array.from(set.found.values()).flatMap((one) => {
      const hash = set.facts.of(one)?.hash
      return hash ? [[one.id, hash] as const] : []
    })
    const groups = known && same(known.hashes, hashes) ? known.groups : groupAlike(hashes)
    this.#alike.set(set, { at, hashes, groups })
    return groups
  }
}

const same = (a: Hashes, b: Hashes): boolean => a.length === b.length && a.every(([id, hash], i) => id === b[i]?.[0] && hash === b[i]?.[1])
