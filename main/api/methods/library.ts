// The library of adapters.
import { z } from 'zod'
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import { exportFormat, usualFormat } from '../../../engine/requests/export.ts'
import { id, type MediaId } from '../shapes.ts'

export interface AdapterCard {
  readonly id: string
  /** As `<lora:name:…>` calls it; unique. */
  readonly name: string
  readonly title: string
  readonly triggers: readonly string[]
  readonly family: string
  readonly base: string
  readonly format: string
  readonly ranks: readonly number[]
  readonly layers: number
  readonly bytes: number
  readonly source: 'trained' | 'imported' | 'shipped'
  readonly run?: string
  readonly tags: readonly string[]
  readonly notes: string
  readonly cover?: MediaId
  readonly media: MediaId
  readonly at: number
  /** Why it cannot be used now, e.g. its file is gone. */
  readonly error?: ErrorRecord
}
export interface AdapterDetails extends AdapterCard {
  readonly path: string
  /** As in the file. Text from strangers. */
  readonly metadata: readonly (readonly [key: string, value: string])[]
  readonly layersByNetwork: Readonly<Record<string, number>>
  /** Parts of the file that Pigment does not use, with the reason. */
  readonly leftOut: readonly { readonly key: string; readonly reason: string }[]
}
export interface ExportPreview {
  readonly fileName: string
  /** Where it goes unless another folder is named. */
  readonly folder: string
  readonly bytes: number
  readonly precision: 'fp32' | 'fp16' | 'bf16'
  /** Exactly what will be in the file. */
  readonly metadata: readonly (readonly [key: string, value: string])[]
  readonly removed: readonly string[]
  readonly leftOut: readonly { readonly key: string; readonly reason: string }[]
}
export interface Exported {
  readonly files: readonly string[]
  readonly bytes: number
  /** For saving through the browser; one a file. */
  readonly media: readonly MediaId[]
  readonly readBack: { readonly identical: boolean; readonly maxDifference: number; readonly maxRelativeL2: number }
}

export const exportFields = {
  adapter: id,
  to: exportFormat.default(usualFormat),
  precision: z.enum(['fp32', 'fp16', 'bf16']).optional(),
  strip: z.boolean().default(false),
  /** What its owner says of it; without it the file's own stays. */
  title: z.string().max(200).optional(),
  author: z.string().max(200).optional(),
  licence: z.string().max(200).optional(),
  /** With the picture that it has in the library. */
  cover: z.boolean().default(false),
}
