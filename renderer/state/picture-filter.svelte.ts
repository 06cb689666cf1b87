// Which pictures of a set are listed: by words, flags, tags, a folder, a size of training.
import type { DatasetSummary, ItemFilter, PictureFlag } from '../../main/api/methods/datasets.ts'

export class PictureFilter {
  text = $state('')
  flags = $state<PictureFlag[]>([])
  tags = $state<string[]>([])
  folder = $state<string>()
  /** `512x768`, or '' for all. */
  bucket = $state('')
  readonly #changed: () => void

  constructor(changed: () => void) {
    this.#changed = changed
  }

  readonly #asked = $derived<ItemFilter>({
    ...(this.text ? { text: this.text } : {}),
    ...(this.folder === undefined ? {} : { folder: this.folder }),
    ...(this.bucket ? { bucket: this.bucket } : {}),
    flags: this.flags,
    tags: this.tags,
  })
  /** Whether it leaves any out. */
  narrows = $derived(this.text !== '' || this.folder !== undefined || this.bucket !== '' || this.flags.length > 0 || this.tags.length > 0)
  /** As the host is asked. */
  now(): ItemFilter {
    return $state.snapshot(this.#asked) as ItemFilter
  }

  clear(): void {
    this.text = ''
    this.flags = []
    this.tags = []
    this.folder = undefined
    this.bucket = ''
  }

  /** What is no longer in the set must not go on filtering unseen. */
  fit({ folders, buckets }: DatasetSummary): void {
    if (!folders.some(({ path }) => path === this.folder)) this.folder = undefined
    if (!buckets.some(({ width, height }) => `${width}x${height}` === this.bucket)) this.bucket = ''
  }

  toggleFlag(flag: PictureFlag): void {
    this.flags = flipped(this.flags, flag)
    this.#changed()
  }
  toggleTag(tag: string): void {
    this.tags = flipped(this.tags, tag)
    this.#changed()
  }
  toggleFolder(path: string): void {
    this.folder = this.folder === path ? undefined : path
    this.#changed()
  }
}

const flipped = <Item>(list: Item[], one: Item): Item[] => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one])
