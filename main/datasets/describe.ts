// Data sets and pictures as the renderer sees them.
import { bucketFitter, trainingBuckets, type BucketFit } from '../../engine/datasets/buckets.ts'
import type { DatasetItem, DatasetSummary, ItemFilter, LeftOutFiles, PictureFlag, TagCount } from '../api/methods/datasets.ts'
import type { MediaNames } from '../stores/media.ts'
import { tagsOf } from '../operations/bulk-edit.ts'
import type { DescribedSet } from './described-set.ts'
import type { OpenDataset } from './open-dataset.ts'
import type { Found } from '../../engine/datasets/found.ts'
import type { LeftOut } from '../../engine/datasets/scan-folder.ts'
import type { Size } from '../../engine/images/model-range.ts'
import type { DatasetEntry } from './store.ts'

/** Below this variance of the Laplacian nothing in a picture is sharp. */
const blurredBelow = 40
/** Smaller than this share of the bucket's area: enlarging shows. */
const smallBelow = 0.75
const mostLeftOut = 100

export interface View {
  readonly entry: DatasetEntry
  readonly set: OpenDataset
  readonly media: MediaNames
  readonly shape: Shape
  readonly groups: ReadonlyMap<string, number>
  readonly described: Described
}

/** Side of the square whose area the buckets have, and what sides are multiples of. */
export interface Shape {
  readonly side: number
  readonly step: number
}

export type Fit = (size: Size) => BucketFit | undefined
type Described = Pick<DescribedSet, 'items' | 'tally'>

export function describeItem({ set, media, groups, shape }: Omit<View, 'entry' | 'described'>, one: Found, fit: Fit): DatasetItem {
  const facts = set.facts.of(one)
  const problem = facts?.error ?? one.captionProblem
  const sized = facts && facts.width > 0 ? facts : undefined
  const fitted = sized && fit(sized)
  const group = groups.get(one.id)
  // What cannot be opened at all is said before the rest.
  const flags: PictureFlag[] = facts?.error ? ['unreadable'] : []
  if (one.caption === '') flags.push('no-caption')
  if (group !== undefined) flags.push('duplicate')
  if (sized && sized.width * sized.height < shape.side ** 2 * smallBelow) flags.push('too-small')
  if (facts?.sharpness !== undefined && facts.sharpness < blurredBelow) flags.push('blurred')
  return {
    id: one.id,
    path: one.path,
    folder: one.folder,
    media: media.ofFile(one.file, one.stamp),
    bytes: one.bytes,
    width: facts?.width ?? 0,
    height: facts?.height ?? 0,
    caption: one.caption,
    version: one.version,
    flags,
    ...(group === undefined ? {} : { group }),
    ...(fitted ? { fit: fitted } : {}),
    ...(problem ? { problem } : {}),
  }
}

export function describeDataset(view: View): DatasetSummary {
  const { entry, set, shape, described } = view
  const { items, tally } = described
  return {
    id: entry.id,
    name: entry.name,
    path: entry.path,
    pictures: items.size,
    captioned: items.size - tally.flags['no-caption'],
    flags: { ...tally.flags },
    analysed: items.size > 0 && tally.looked === items.size,
    folders: set.folders,
    leftOut: describeLeftOut(set.leftOut),
    covers: coversOf(items.values()),
    trigger: entry.trigger,
    model: entry.model,
    resolution: entry.resolution,
    side: shape.side,
    buckets: Array.from(tally.buckets, ([name, count]) => {
      const [width = 0, height = 0] = name.split('x').map(Number)
      return { width, height, count }
    }).sort((a, b) => b.count - a.count),
    sample: entry.sample,
    changedAt: entry.changedAt,
    undo: set.history.undoLabel,
    redo: set.history.redoLabel,
    ...(set.error ? { error: set.error } : {}),
  }
}

/** The first four that can be shown. */
function coversOf(items: Iterable<DatasetItem>): DatasetItem['media'][] {
  const covers: DatasetItem['media'][] = []
  for (const { flags, media } of items) {
    if (!flags.includes('unreadable')) covers.push(media)
    if (covers.length === 4) break
  }
  return covers
}

export function describeLeftOut(leftOut: readonly LeftOut[]): LeftOutFiles {
  return {
    count: leftOut.length,
    files: leftOut.slice(0, mostLeftOut).map(({ path, record: { code, message } }) => ({ path, code, message })),
  }
}

/** Throws `item-unknown`. */
export const itemOf = (view: View, id: string): DatasetItem =>
  view.described.items.get(id) ?? describeItem(view, view.set.item(id), fitter(view.shape))

export const allItems = ({ described }: View): DatasetItem[] => [...described.items.values()]

export function filterItems(items: readonly DatasetItem[], { text, tags = [], flags = [], folder, bucket }: ItemFilter): DatasetItem[] {
  const wanted = text?.toLowerCase()
  const required = tags.map((tag) => tag.toLowerCase())
  return items.filter((item) => {
    if (wanted && !item.caption.toLowerCase().includes(wanted) && !item.path.toLowerCase().includes(wanted)) return false
    if (folder !== undefined && item.folder !== folder) return false
    if (bucket !== undefined && (!item.fit || bucketName(item.fit) !== bucket)) return false
    if (flags.length > 0 && !flags.some((flag) => item.flags.includes(flag))) return false
    if (required.length === 0) return true
    const own = new Set(tagsOf(item.caption).map((tag) => tag.toLowerCase()))
    return required.every((tag) => own.has(tag))
  })
}

const orders: Readonly<Record<string, (a: DatasetItem, b: DatasetItem) => number>> = {
  path: (a, b) => (a.path < b.path ? -1 : 1),
  size: (a, b) => b.width * b.height - a.width * a.height,
  caption: (a, b) => a.caption.localeCompare(b.caption),
  group: (a, b) => (a.group ?? Infinity) - (b.group ?? Infinity) || (a.path < b.path ? -1 : 1),
}
export const sortItems = (items: readonly DatasetItem[], by: string): DatasetItem[] => items.toSorted(orders[by] ?? orders.path)

/** The most frequent first. */
export function frequentTags({ described }: View, prefix: string, limit: number): TagCount[] {
  const start = prefix.trim().toLowerCase()
  const fitting = [...described.tally.tags].filter(([key]) => key.startsWith(start)).map(([, { tag, count }]) => ({ tag, count }))
  return fitting.sort((a, b) => b.count - a.count || (a.tag < b.tag ? -1 : 1)).slice(0, limit)
}

export const bucketName = ({ bucket }: BucketFit): string => `${bucket.width}x${bucket.height}`

/** As training does it; undefined where a picture fits into no bucket, or no bucket can be made. */
export function fitter({ side, step }: Shape): Fit {
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work()
    } catch {
      return undefined
    }
  }
  const fit = attempt(() => bucketFitter(trainingBuckets(side, step)))
  return (size) => {
    const found = fit && attempt(() => fit(size))
    return found && { bucket: found.bucket, resized: found.resized }
  }
}
