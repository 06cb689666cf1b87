// Help with captions: who can say them, and what they would say.
import { z } from 'zod'
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import { captionFields } from '../../../engine/requests/captioning.ts'
import type { FieldDescription } from '../../../engine/requests/fields.ts'
import { id, type MediaId } from '../shapes.ts'
import type { CaptionChange } from './datasets.ts'
import { selection } from './datasets.ts'

/** One way to a caption: by name, or a folder with a model. */
export interface CaptionWay {
  /** What `with` takes: its name, or the folder. */
  readonly with: string
  readonly kind: string
  readonly title: string
  /** Where it is a folder. */
  readonly folder?: string
  readonly options: readonly FieldDescription[]
  /** Why it cannot be used now. */
  readonly problem?: ErrorRecord
}

export interface CaptionPreview {
  /** What would be written, or why nothing is. */
  readonly changes: readonly (CaptionChange & { readonly media: MediaId; readonly error?: ErrorRecord })[]
  /** Pictures that would be asked about, and those that are left alone for the captions that they have. */
  readonly asked: number
  readonly kept: number
}

export const captionWay = z.string().min(1).max(4096)
/** Of the captioner itself, read by its own schema. */
export const captionOptions = z.record(z.string().max(60), z.union([z.string().max(10_000), z.number(), z.boolean()]))

export const captionForm = z.strictObject({
  dataset: id,
  selection: selection.prefault({ filter: {} }),
  with: captionWay,
  options: captionOptions.default({}),
  ...captionFields,
  /** The set's own unless told. */
  trigger: z.string().max(200).optional(),
})
export type CaptionForm = z.input<typeof captionForm>
