// Data sets as the screens ask for them: in the formats of the model that they are meant for, and with what looks alike.
import type { DatasetSummary } from '../api/methods/datasets.ts'
import type { MediaNames } from '../stores/media.ts'
import type { Models } from '../stores/models.ts'
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
  readonly #alike = new WeakMap<OpenDataset, { readonly hashes: Hashes; readonly groups: Groups }>()
  constructor(options: DatasetViewsOptions) {
    this.#options = options
  }

  async of(id: string): Promise<View> {
    const { datasets, media } = this.#options
    const set = await datasets.use(id)
    const shape = await this.#shapeOf(datasets.entry(id))
    // Last of all: what is told must not be older than what was told while the model was looked at.
    return { entry: datasets.entry(id), set, media, shape, groups: this.#groupsOf(set) }
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
    const hashes = Array.from(set.found.values()).flatMap((one) => {
      const hash = set.facts.of(one)?.hash
      return hash ? [[one.id, hash] as const] : []
    })
    const known = this.#alike.get(set)
    if (known && same(known.hashes, hashes)) return known.groups
    const groups = groupAlike(hashes)
    this.#alike.set(set, { hashes, groups })
    return groups
  }
}

const same = (a: Hashes, b: Hashes): boolean => a.length === b.length && a.every(([id, hash], i) => id === b[i]?.[0] && hash === b[i]?.[1])
