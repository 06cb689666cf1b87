// Training: what can be set and why, what it will cost, and the runs.
import { z } from 'zod'
import type { ErrorRecord } from '../../../engine/requests/error.ts'
import { pictureSet } from '../../../engine/requests/picture-sets.ts'
import { trainRequest } from '../../../engine/requests/train.ts'
import type { Diagnosis } from '../../../engine/requests/diagnosis.ts'
import type { FieldDescription } from '../../../engine/requests/fields.ts'
import type { PresetName } from '../../../engine/requests/model-defaults.ts'
import type { Recommendation, ValidationPoint } from '../../../engine/requests/watch-events.ts'
import { vaeChoice } from '../../../engine/requests/vae.ts'
import type { JobSummary } from './jobs.ts'
import { id, type MediaId } from '../shapes.ts'

export interface Preset {
  readonly name: PresetName
  readonly values: Readonly<Record<string, unknown>>
}
export interface TrainingOptions {
  readonly fields: readonly FieldDescription[]
  /** Of a further set of pictures. */
  readonly setFields: readonly FieldDescription[]
  /** By what the card of a model says of it: `embedded`, or its family. */
  readonly presets: Readonly<Record<string, readonly Preset[]>>
}

export const samplePlan = z.strictObject({
  prompts: z.array(z.string().min(1).max(2000)).max(8).default([]),
  seed: z.int().min(0).default(0),
  /** Steps between; 0 only on demand. */
  every: z.int().min(0).default(0),
  /** Whether it is measured what is forgotten, as often as samples are drawn; without it, of the embedded model, where it costs seconds. */
  forgetting: z.boolean().optional(),
  steps: z.int().min(1).max(100).default(12),
  /** Without them, the guidance that the model begins with. */
  cfg: z.number().min(0).max(100).optional(),
  adapterGuidance: z.number().min(0).max(100).optional(),
  guidanceStop: z.number().min(0).max(1).optional(),
})
/** The engine's request but for its folders, which are data sets here. */
export const trainingForm = z.strictObject({
  ...trainRequest.omit({ dataset: true, sets: true }).shape,
  sets: z
    .array(pictureSet.extend({ folder: id }))
    .min(1)
    .max(64)
    .optional(),
  name: z.string().min(1).max(120),
  dataset: id,
  model: id.optional(),
  vae: vaeChoice,
  samples: samplePlan.prefault({}),
  /** Begins with the weights of a finished run. */
  continueFrom: id.optional(),
})
export type TrainingForm = z.input<typeof trainingForm>

export interface Forecast {
  readonly steps: number
  readonly epochs: number
  readonly pictures: number
  /** Of `known` (measured on this machine before) or an estimate from the size of the networks. */
  readonly secondsKnown: boolean
  readonly seconds: number
  readonly memoryBytes: number
  readonly freeMemoryBytes: number
  /** Of the graphics card, where the run is computed on one. */
  readonly cardBytes?: number
  readonly fileBytes: number
  readonly diskBytes: number
  readonly freeDiskBytes: number
  readonly trainable: number
  readonly fraction: number
  /** Reasons not to start, and doubts. */
  readonly problems: readonly (ErrorRecord & { readonly stops: boolean })[]
}
/** Columns of equal length: one entry a step. */
export interface RunCurve {
  readonly step: readonly number[]
  readonly loss: readonly number[]
  readonly lr: readonly number[]
  readonly gradNorm: readonly number[]
}
export interface RunSample {
  readonly step: number
  readonly prompt: string
  readonly promptIndex: number
  readonly seed: number
  readonly media: MediaId
}
/** How far the model has moved on prompts that say nothing of what is trained. */
export type ForgettingPoint = {
  readonly step: number
  /** ‖z′ − z‖ / ‖z‖ of the latents drawn, the mean over prompts. */
  readonly latents: number
  /** The same of features of the pictures: strokes, palette and edges. */
  readonly features: number
  /** The share of pictures that are judged to be in another style than the model's own; of the embedded model alone, whose styles are known. */
  readonly restyled?: number
}

export type RunForgetting = ForgettingPoint & { readonly media: MediaId }
export interface RunSummary {
  /** The id of its job. */
  readonly id: string
  readonly name: string
  readonly state: JobSummary['state']
  readonly dataset: string
  readonly datasetName: string
  readonly step: number
  readonly steps: number
  readonly loss: number | null
  readonly startedAt: number
  readonly seconds: number
  readonly adapter?: string
  readonly cover?: MediaId
}
/** What a run keeps on the disk. */
export interface RunOnDisk {
  readonly run: string
  readonly bytes: number
  /** Its samples as one sheet, a row a step. */
  readonly proof?: MediaId
}
export interface RunDetails extends RunSummary {
  readonly form: TrainingForm
  readonly curve: RunCurve
  readonly samples: readonly RunSample[]
  readonly forgetting: readonly RunForgetting[]
  readonly checkpoints: readonly { readonly step: number; readonly at: number }[]
  /** Steps whose weights are there as adapters, beside the last. */
  readonly kept: readonly number[]
  /** Losses on pictures that are not trained on, and which step they recommend. */
  readonly validation: readonly ValidationPoint[]
  readonly recommendation?: Recommendation
  /** What it told of blocks, ranks, layers and pictures, where it was asked to. */
  readonly diagnosis: Diagnosis
  readonly error?: ErrorRecord
}

/** A picture of a run's sets, found by the path that the run tells. */
export interface RunPicture {
  readonly path: string
  /** The set that it lies in, and its path there. */
  readonly dataset: string
  readonly within: string
  readonly media: MediaId
  readonly caption: string
}
