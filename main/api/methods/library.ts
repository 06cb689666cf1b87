// The library of adapters.
import { z } from 'zod'
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import type { RankBlock } from '../../../engine/requests/rank-blocks.ts'
import type { Reason } from '../../../engine/requests/reason.ts'
import {
  asLora,
  exportFormat,
  usualFormat,
  type ExportConversion,
  type FileHashes,
  type ToldField,
} from '../../../engine/requests/export.ts'
import type { ReaderReport } from '../../../engine/requests/reader-report.ts'
import { id, type MediaId } from '../shapes.ts'

/** A way to call an adapter: words for the prompt, and the strength that they are meant for. */
export const triggerSet = z.strictObject({
  name: z.string().min(1).max(60),
  words: z.string().min(1).max(2000),
  weight: z.number().min(-2).max(2).optional(),
})
export type TriggerSet = z.infer<typeof triggerSet>

export interface AdapterCard {
  readonly id: string
  /** How it is used: on the layers of a model, or as words of a prompt. */
  readonly kind: 'adapter' | 'embedding'
  /** As `<lora:name:…>` calls it; unique. */
  readonly name: string
  readonly title: string
  readonly triggers: readonly string[]
  readonly triggerSets: readonly TriggerSet[]
  /** The strength to begin with, where its owner or its maker says one. */
  readonly weight?: number
  readonly family: string
  readonly base: string
  /** Of the text that its cross-attention hears, by which models of one family differ; 0: not known. */
  readonly width: number
  readonly format: string
  readonly ranks: readonly number[]
  readonly layers: number
  /** Positions of a prompt that an embedding takes. */
  readonly vectors?: number
  readonly bytes: number
  readonly source: 'trained' | 'imported' | 'shipped'
  readonly run?: string
  /** It is what a paused run has learnt until this step: it can be drawn with, and is not in the library. */
  readonly paused?: number
  /** The folder that it lies in, from the library's; of a watched one with that one's name before. */
  readonly folder: string
  /** It lies in a folder that is only watched: its file is never changed, moved or removed. */
  readonly watched: boolean
  readonly tags: readonly string[]
  readonly notes: string
  /** 1 to 5; 0: none. */
  readonly rating: number
  readonly favourite: boolean
  readonly cover?: MediaId
  readonly media: MediaId
  readonly at: number
  /** Pictures of the gallery that it acted in, and when the last one was made. */
  readonly used: { readonly pictures: number; readonly last: number }
  /** Two with the same hold the same tensors, whatever they are called; '': not known. */
  readonly content: string
  /** How many reasons there are for keys that are not used; as far as the file was read. */
  readonly leftOut: number
  /** How many files beside it cannot be read. */
  readonly besideBroken: number
  /** Why it cannot be used now, e.g. its file is damaged. */
  readonly error?: ErrorRecord
}
/** What lies beside its file says of it. Text from strangers, without markup. */
export interface BesideAdapter {
  readonly model?: string | undefined
  readonly version?: string | undefined
  readonly creator?: string | undefined
  readonly base?: string | undefined
  readonly words?: readonly string[] | undefined
  readonly tags?: readonly string[] | undefined
  readonly description?: string | undefined
  readonly notes?: string | undefined
  readonly weight?: number | undefined
  readonly negative?: string | undefined
  /** Its page. */
  readonly link?: string | undefined
  readonly licence?:
    | {
        readonly noCredit?: boolean | undefined
        readonly commercial?: readonly string[] | undefined
        readonly derivatives?: boolean | undefined
        readonly otherLicence?: boolean | undefined
      }
    | undefined
}
export interface AdapterDetails extends AdapterCard {
  readonly path: string
  /** As in the file. Text from strangers. */
  readonly metadata: readonly (readonly [key: string, value: string])[]
  readonly layersByNetwork: Readonly<Record<string, number>>
  readonly beside: BesideAdapter
  /** Files beside it that cannot be read. */
  readonly besideProblems: readonly ErrorRecord[]
}
/** An adapter read whole on a model: how it will act there, and what to know before. */
export interface AdapterCheck {
  readonly adapter: string
  readonly warnings: readonly Reason[]
  readonly layers: number
  readonly layersByNetwork: Readonly<Record<string, number>>
  /** Layers of each variant; those folded into the weights need a new session when their strength changes. */
  readonly variants: Readonly<Record<string, number>>
  readonly folded: number
  readonly alphas: readonly number[]
  /** Rank by layer, where they differ. */
  readonly rankBlocks?: readonly RankBlock[]
  /** How it was read, where it was: what told format and family, how many layers have their scale told in which way and act how, how tensors are stored. */
  readonly read?: {
    readonly formatBecause?: string
    readonly familyBecause?: string
    readonly scales?: Readonly<Record<string, number>>
    readonly acts?: Readonly<Record<string, number>>
    readonly types?: Readonly<Record<string, number>>
    readonly leftOutKeys?: Readonly<Record<string, string>>
  }
  /** Parts of the file that Pigment does not use, with the reason. */
  readonly leftOut: readonly { readonly key: string; readonly reason: string }[]
}
/** A folder of another program, watched where it is. */
export interface WatchedFolder {
  readonly id: string
  readonly path: string
  readonly adapters: number
  /** Why it cannot be read now. */
  readonly error?: ErrorRecord
}
export interface ExportPreview {
  readonly fileName: string
  /** Where it goes unless another folder is named. */
  readonly folder: string
  readonly bytes: number
  readonly precision: 'fp32' | 'fp16' | 'bf16'
  /** Exactly what will be in the file. */
  readonly metadata: readonly ToldField[]
  readonly removed: readonly string[]
  readonly leftOut: readonly { readonly key: string; readonly reason: string }[]
  /** What other programs make of it, and the hashes by which they know it. */
  readonly readers: readonly ReaderReport[]
  readonly hashes: readonly FileHashes[]
  /** How near the plain LoRA is that was asked for. */
  readonly converted?: ExportConversion
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
  /** Fields that shall not be in the file. */
  leaveOut: z.array(z.string().min(1).max(200)).max(1000).default([]),
  /** Made into a plain LoRA first. */
  asLora: asLora.optional(),
  /** What its owner says of it; without it the file's own stays. */
  title: z.string().max(200).optional(),
  author: z.string().max(200).optional(),
  licence: z.string().max(200).optional(),
  /** With the picture that it has in the library. */
  cover: z.boolean().default(false),
}
