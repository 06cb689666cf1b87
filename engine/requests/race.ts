// A race: several methods on the same pictures, at equal steps or at equal time. What may be asked of it, and what it tells.
import { z } from 'zod'
import { withDefault } from './option.ts'
import { trainRequest } from './train.ts'

const { steps, layers, batch, lr, course, seed, resolution, flip, captionDropout, captionPolicy, badPictures, trigger } = trainRequest.shape

/** What all entrants have alike. */
export const raceFields = {
  methods: z.array(z.string().min(1).max(40)).max(40).optional().meta({
    description: 'who takes part, by name; an unknown name is refused and tells all',
    placeholder: 'NAME',
    fallback: 'lora-4 lora-16 qlora adalora dylora lora-plus lora-fa dora full',
  }),
  equal: z.enum(['steps', 'time']).default('steps').meta({
    description:
      'what all have alike: steps, which comes out the same each time, or time, by a short look at the pace of each on this machine',
  }),
  steps: withDefault(steps, 125),
  seconds: z.number().min(1).max(86_400).default(120).meta({
    description: 'seconds of training for each, with --equal time',
    placeholder: 'S',
    step: 30,
  }),
  layers: withDefault(layers, 'all'),
  batch: withDefault(batch, 4),
  lr: lr
    .unwrap()
    .optional()
    .meta({
      ...lr.meta(),
      description: 'highest learning rate; full fine-tuning takes a twentieth of it',
      fallback: 'that of the quick preset of the model',
    }),
  course,
  seed,
  resolution,
  flip,
  captionDropout,
  captionPolicy,
  badPictures,
  trigger,
  prompts: z.array(z.string().min(1).max(2000)).max(8).default([]).meta({
    description: 'what is drawn with each; without any, captions of the set and, for a shipped style, concepts that are not in it',
    placeholder: 'TEXT',
  }),
  sampleSteps: z.int().min(1).max(100).default(12).meta({ description: 'sampling steps of each picture', placeholder: 'N' }),
}
export const raceShape = z.object(raceFields)
export type RaceSettings = z.output<typeof raceShape>

/** One line of the table. The model alone has no training in it. */
export interface RaceRow {
  readonly name: string
  readonly title: string
  /** Letter under which its pictures are shown before the names are told. */
  readonly letter: string
  readonly training?: {
    readonly steps: number
    readonly lr: number
    readonly seconds: number
    readonly secondsPerStep: number
    /** Greatest resident memory of its process while it prepared and trained. */
    readonly memoryBytes: number
    readonly fileBytes: number
    readonly trainable: number
    readonly fraction: number
  }
  /** Mean squared error on pictures that were not trained on, at fixed noise. */
  readonly heldOut: number
  /** Share of pictures judged to be in the style, where there is a judge for it. */
  readonly style?: number
  /** How far answers to captions without the style moved, relative to their length. */
  readonly forgetting: number
  /** Files of its pictures, by prompt. */
  readonly pictures: readonly string[]
}
/** What all rows of a race were measured on. */
export interface RaceGround {
  readonly prompts: readonly string[]
  /** Pictures measured on, and whether training saw them: a small set gives none away. */
  readonly measured: { readonly pictures: number; readonly seen: boolean }
}
export interface RaceAbsence {
  readonly name: string
  readonly title: string
  readonly code: string
  readonly reason: string
  readonly facts?: Readonly<Record<string, unknown>>
}
export interface RaceResult extends RaceGround {
  readonly equal: 'steps' | 'time'
  readonly seed: number
  readonly rows: readonly RaceRow[]
  /** Who could not take part, and why. */
  readonly absent: readonly RaceAbsence[]
}
