// Pictures that were made here.
import { z } from 'zod'
import { id, method, pageFields, type MediaId, type Page, type Size } from '../method.ts'
import type { GenerateForm, GridAxis } from './generate.ts'

export interface GalleryPicture extends Size {
  readonly id: string
  readonly media: MediaId
  readonly kind: 'picture' | 'grid'
  readonly at: number
  readonly seconds: number
  readonly form: GenerateForm
  readonly model: string
  readonly adapters: readonly { readonly name: string; readonly weight: number }[]
  readonly starred: boolean
  readonly job: string
  readonly x?: GridAxis
  readonly y?: GridAxis
}

export const galleryMethods = {
  /** The newest first. */
  list: method<Page<GalleryPicture>>()(
    z.strictObject({ text: z.string().max(500).default(''), starred: z.boolean().default(false), job: id.optional(), ...pageFields }),
  ),
  star: method<GalleryPicture>()(z.strictObject({ picture: id, starred: z.boolean() })),
  /** To the trash of Pigment. */
  remove: method<{ readonly undo: string }>()(z.strictObject({ pictures: z.array(id).min(1).max(1000) })),
  restore: method<void>()(z.strictObject({ undo: id })),
}
