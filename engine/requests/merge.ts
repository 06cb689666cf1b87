// What a merge is asked for and what it reports. Plain data.
import { z } from 'zod'
import type {} from './option.ts'
import { mergeMethodNames } from './merge-names.ts'
import { ownOptions } from './own-options.ts'

export const mergeRequest = z.object({
  method: z.enum(mergeMethodNames).default('linear').meta({ description: 'how the adapters become one', placeholder: 'NAME' }),
  methodOptions: ownOptions.optional().meta({ description: 'an option of the method; can be given several times' }),
  rank: z.int().min(1).max(4096).optional().meta({
    description: 'highest rank of a layer of the result; what is cut off is told',
    placeholder: 'R',
    fallback: 'what the method needs',
  }),
  energy: z.number().gt(0).max(1).optional().meta({
    description: 'share of the squared norm of each layer that has to remain: the rank is the smallest that keeps it',
    placeholder: 'SHARE',
  }),
  seed: z.int().min(0).default(0).meta({ description: 'of methods that drop entries by chance', placeholder: 'N' }),
})
export type MergeRequest = z.infer<typeof mergeRequest>

/** Groups of methods, in the order in which they are shown. */
export const mergeKinds = ['sum', 'sparse', 'subspace', 'peft'] as const

/** One layer of a merge. Norms are Frobenius norms of ΔW, strengths and alpha counted in. */
export interface MergedLayerReport {
  /** `${component}.${path}`. */
  readonly layer: string
  /** How many of the adapters act on it. */
  readonly adapters: number
  readonly rank: number
  /** ‖result − Σ w·ΔW‖ / ‖Σ w·ΔW‖. */
  readonly error: number
  /** Share of the squared norm of what the method made that its rank keeps. */
  readonly energy: number
  readonly norm: number
  /** ‖Σ w·ΔW‖. */
  readonly sumNorm: number
  /** The largest singular values of what the method made, those cut off too; falling. */
  readonly spectrum: readonly number[]
}

export interface MergeReport {
  readonly method: string
  readonly title: string
  readonly layers: number
  /** Layers that more than one adapter acts on. */
  readonly sharedLayers: number
  readonly leastRank: number
  readonly largestRank: number
  /** As of a layer, of all layers together. */
  readonly error: number
  readonly energy: number
  readonly norm: number
  readonly sumNorm: number
  readonly byLayer: readonly MergedLayerReport[]
  /** Changes of biases, norms and embeddings, which no pair holds: they are added up with their strengths, whatever the method. */
  readonly summed: number
  /** What of the adapters is not in the result, each with the reason. */
  readonly leftOut: readonly { readonly layer: string; readonly reason: string }[]
}
