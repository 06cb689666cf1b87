// Data sets: an ordinary folder of pictures and `.txt` captions. The files are the truth.
import { z } from 'zod'
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import { id, type MediaId, type Size } from '../shapes.ts'

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
export const cropBox = z.strictObject({ left: z.int().min(0), top: z.int().min(0), width: side, height: side })
export type CropBox = z.input<typeof cropBox>

export const captionText = z.string().max(20_000)
