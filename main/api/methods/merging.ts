// Merging adapters of the library into one.
import { z } from 'zod'
import { blockWeights } from '../../../engine/requests/block-weights.ts'
import type { FieldDescription } from '../../../engine/requests/fields.ts'
import { generateRequest } from '../../../engine/requests/generate.ts'
import { mergeRequest, type mergeKinds, type MergeReport } from '../../../engine/requests/merge.ts'
import { id, task } from '../shapes.ts'
import type { AdapterCard } from './library.ts'

const mergeSource = z.strictObject({
  adapter: id,
  weight: z.number().min(-100).max(100).default(1),
  /** In the text encoders, where it is another. */
  textWeight: z.number().min(-100).max(100).optional(),
  /** Factors of both, by block. */
  blocks: blockWeights.optional(),
})

/** `task` names it for progress and for `app.stop`. */
export const mergeForm = z.strictObject({
  ...mergeRequest.shape,
  sources: z.array(mergeSource).min(1).max(64),
  /** Needed where an adapter depends on the base's weights. */
  model: id.optional(),
  task,
})
/** What is merged and how, without who waits for it. */
export const mergeChoice = mergeForm.omit({ task: true })
export type MergeChoice = z.input<typeof mergeChoice>
/** One row of pictures each. */
export const mergeSeeds = z.array(generateRequest.shape.seed.unwrap()).min(1).max(6)

/** A way of merging, as a card shows it. */
export interface MergeMethodCard {
  readonly name: string
  readonly title: string
  /** In English; words of the screens stand under `merge.<name>`. */
  readonly sentence: string
  readonly source: string
  readonly kind: (typeof mergeKinds)[number]
  /** `kept`: neither rank nor energy may be asked for. */
  readonly rank: 'kept' | 'sum' | 'largest'
  readonly options: readonly FieldDescription[]
}

export interface MergeMethods {
  /** By kind, in the order in which they are shown. */
  readonly methods: readonly MergeMethodCard[]
  /** Those beside the method: rank, energy, seed. */
  readonly fields: readonly FieldDescription[]
}

export interface MergePreview extends MergeReport {
  readonly base: string
  readonly from: readonly { readonly name: string; readonly hash: string; readonly weight: number; readonly layers: number }[]
}
export interface MergeSaved {
  readonly adapter: AdapterCard
  readonly report: MergePreview
}
export interface MergeBaked {
  readonly out: string
  readonly bytes: number
  readonly report: MergePreview
}
