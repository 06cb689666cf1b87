// Pictures that were made here.
import type { AskedPrompts, GenerateForm, GridAxis } from './generate.ts'
import type { MediaId, Size } from '../shapes.ts'

export interface SheetCell extends Size {
  readonly picture: string
  readonly left: number
  readonly top: number
}
export interface GalleryPicture extends Size {
  readonly id: string
  readonly media: MediaId
  readonly kind: 'picture' | 'grid'
  readonly at: number
  readonly seconds: number
  readonly form: GenerateForm
  /** What a person wrote, where it left a choice or named styles: the form says what became of it. */
  readonly asked?: AskedPrompts
  readonly model: string
  readonly adapters: readonly { readonly name: string; readonly weight: number }[]
  readonly starred: boolean
  readonly job: string
  readonly x?: GridAxis
  readonly y?: GridAxis
  readonly z?: GridAxis
  /** It was stopped after this step: there is as much of it as there was by then. */
  readonly interrupted?: number
  /** Of a sheet: where which picture stands on it, in its pixels. */
  readonly cells?: readonly SheetCell[]
}
