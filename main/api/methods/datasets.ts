// Data sets: an ordinary folder of pictures and `.txt` captions. The files are the truth.
import { z } from 'zod'
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import { id, method, none, pageFields, source, task, type MediaId, type Page, type Size } from '../method.ts'

export const pictureFlags = ['no-caption', 'duplicate', 'too-small', 'blurred', 'unreadable'] as const
export type PictureFlag = (typeof pictureFlags)[number]

export interface DatasetSummary {
  readonly id: string
  readonly name: string
  readonly path: string
  readonly pictures: number
  readonly captioned: number
  /** Of the whole set; `duplicate` and `blurred` only of pictures that were looked at. */
  readonly flags: Readonly<Record<PictureFlag, number>>
  /** No picture is left to look at. */
  readonly analysed: boolean
  readonly folders: readonly DatasetFolder[]
  /** Files and folders that are not used, each with the reason: how many, and the first of them. */
  readonly leftOut: LeftOutFiles
  /** Up to four pictures for a card. */
  readonly covers: readonly MediaId[]
  readonly trigger: string
  /** The model whose formats are shown; null for the embedded one. */
  readonly model: string | null
  /** Chosen instead of the model's own. */
  readonly resolution: number | null
  /** Side of the square whose area the buckets have: the chosen one, or the model's. */
  readonly side: number
  readonly buckets: readonly (Size & { readonly count: number })[]
  /** One that comes with Pigment: copied when it is first edited. */
  readonly sample: boolean
  readonly changedAt: number
  readonly undo: string | null
  readonly redo: string | null
  /** Why the folder cannot be read now, e.g. unplugged. What was known stays shown. */
  readonly error?: ErrorRecord
}
export interface LeftOutFiles {
  readonly count: number
  /** The first 100. */
  readonly files: readonly { readonly path: string; readonly code: string; readonly message: string }[]
}
/** A set after pictures came into it. */
export interface FilledDataset extends DatasetSummary {
  readonly brought: { readonly pictures: number; readonly leftOut: LeftOutFiles }
}
export interface DatasetFolder {
  /** Relative; '' is the set's own folder. */
  readonly path: string
  /** Times that each of its pictures is shown in an epoch; 0: left out, since its name does not begin with them. */
  readonly repeats: number
  readonly pictures: number
}
export interface DatasetItem extends Size {
  readonly id: string
  /** Relative to the set, with `/`. */
  readonly path: string
  readonly folder: string
  readonly media: MediaId
  readonly bytes: number
  readonly caption: string
  /** Of the caption: give it back with `setCaption`. */
  readonly version: string
  readonly flags: readonly PictureFlag[]
  /** Pictures of the same number look alike. */
  readonly group?: number
  /** Scaled to `resized`, then `bucket` is cut from its middle. */
  readonly fit?: { readonly bucket: Size; readonly resized: Size }
  readonly problem?: ErrorRecord
}
export interface TagCount {
  readonly tag: string
  readonly count: number
}
export interface CaptionChange {
  readonly item: string
  readonly path: string
  readonly before: string
  readonly after: string
}
export interface EditPreview {
  readonly changed: number
  readonly unchanged: number
  /** The first 200. */
  readonly changes: readonly CaptionChange[]
}
export interface AnalysisResult {
  readonly groups: readonly (readonly string[])[]
  readonly blurred: readonly string[]
  readonly small: readonly string[]
}

const tag = z.string().min(1).max(500)
export const itemFilter = z.strictObject({
  text: z.string().max(500).optional(),
  tags: z.array(tag).max(50).default([]),
  flags: z.array(z.enum(pictureFlags)).default([]),
  folder: z.string().max(1000).optional(),
  /** `512x768` */
  bucket: z.string().max(20).optional(),
})
export type ItemFilter = z.input<typeof itemFilter>

/** Which pictures: by name, or all that a filter leaves. */
export const selection = z.union([z.strictObject({ items: z.array(id).max(200_000) }), z.strictObject({ filter: itemFilter })])
export const bulkEdit = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('add'), tags: z.array(tag).min(1).max(50), at: z.enum(['start', 'end']).default('end') }),
  z.strictObject({ kind: z.literal('remove'), tags: z.array(tag).min(1).max(50) }),
  z.strictObject({
    kind: z.literal('replace'),
    find: z.string().min(1).max(500),
    with: z.string().max(2000),
    regex: z.boolean().default(false),
    caseSensitive: z.boolean().default(false),
  }),
  z.strictObject({ kind: z.literal('set'), caption: z.string().max(20_000) }),
])
export type BulkEdit = z.input<typeof bulkEdit>

const side = z.int().min(1).max(100_000)
const box = z.strictObject({ left: z.int().min(0), top: z.int().min(0), width: side, height: side })
export type CropBox = z.input<typeof box>

const dataset = { dataset: id }
const edit = z.strictObject({ ...dataset, selection, edit: bulkEdit })
const caption = z.string().max(20_000)

export const datasetMethods = {
  list: method<readonly DatasetSummary[]>()(none),
  get: method<DatasetSummary>()(z.strictObject(dataset)),
  /** `copy` brings the pictures into a folder of Pigment's; `reference` works in the person's own. A zip or a drop is always copied. */
  create: method<DatasetSummary | FilledDataset>()(
    z.strictObject({
      name: z.string().min(1).max(120),
      from: source.optional(),
      mode: z.enum(['copy', 'reference']).default('copy'),
      task,
    }),
  ),
  addPictures: method<FilledDataset>()(z.strictObject({ ...dataset, from: source, task })),
  update: method<DatasetSummary>()(
    z.strictObject({
      ...dataset,
      name: z.string().min(1).max(120).optional(),
      trigger: z.string().max(100).optional(),
      model: id.nullable().optional(),
      resolution: z.int().min(32).max(4096).nullable().optional(),
    }),
  ),
  /** Kohya's `10_name`: the folder is renamed, also one that was left out. */
  setRepeats: method<DatasetSummary>()(z.strictObject({ ...dataset, folder: z.string().max(1000), repeats: z.int().min(1).max(10_000) })),
  /** Leaves the list. A folder of Pigment's own goes to its trash; a person's own folder stays untouched. */
  remove: method<{ readonly undo: string }>()(z.strictObject(dataset)),
  restore: method<DatasetSummary>()(z.strictObject({ undo: id })),
  items: method<Page<DatasetItem>>()(
    z.strictObject({
      ...dataset,
      filter: itemFilter.prefault({}),
      sort: z.enum(['path', 'size', 'caption', 'group']).default('path'),
      ...pageFields,
    }),
  ),
  /** Every tag with its count, the most frequent first; `prefix` for completion. */
  tags: method<readonly TagCount[]>()(
    z.strictObject({ ...dataset, prefix: z.string().max(200).default(''), limit: z.int().min(1).max(5000).default(200) }),
  ),
  /** Throws `caption-conflict` (facts `theirs`, `version`) when the file is no longer what `version` says. */
  setCaption: method<DatasetItem>()(
    z.strictObject({
      ...dataset,
      item: id,
      caption,
      version: z.string().max(100),
      /** Goes on with the change before it: undo takes back both at once. */
      continues: z.boolean().default(false),
    }),
  ),
  previewEdit: method<EditPreview>()(edit),
  applyEdit: method<{ readonly changed: number; readonly dataset: DatasetSummary }>()(edit),
  /** To Pigment's trash, together with their captions; `undo` brings them back. */
  deleteItems: method<DatasetSummary>()(z.strictObject({ ...dataset, items: z.array(id).min(1).max(200_000) })),
  /** Writes a part of a picture in its place, in pixels of the upright picture; `undo` brings the whole back. */
  crop: method<DatasetItem>()(z.strictObject({ ...dataset, item: id, box })),
  undo: method<DatasetSummary>()(z.strictObject(dataset)),
  redo: method<DatasetSummary>()(z.strictObject(dataset)),
  /** Looks for near-duplicates and blur; the flags of items tell the result from then on. */
  analyse: method<AnalysisResult>()(z.strictObject({ ...dataset, task })),
}
