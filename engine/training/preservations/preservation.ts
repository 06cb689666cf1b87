// What a run holds on to while it learns: what the model could do before.
import type { z } from 'zod'
import { PigmentError } from '../../requests/error.ts'
import { chosenOf } from '../../requests/own-options.ts'
import type { PictureSet } from '../../requests/picture-sets.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import { preservations } from './index.ts'

/** The base's own predictions as targets: rows that stand in a micro-batch before those of the pictures, with their latents, noise and timesteps. */
export interface KeptPredictions {
  /** λ of λ · mean squared distance to the base's prediction, which is added to the loss. */
  readonly weight: number
  /** Rows, as a share of the pictures of a micro-batch; at least one is kept. */
  readonly share: number
  /** The caption of a row, for a picture's caption and a number drawn evenly from 0 to 1. */
  caption(of: string, drawn: number): string
  /** All that `caption` may give. */
  captions(of: readonly string[]): readonly string[]
}

/** Pictures of the class, without what is learnt: they are seen among the others. */
export interface ClassPictures {
  /** Beside sets that are of the class. */
  readonly folder?: string
  /** How much each counts in the loss, beside a picture of the set. */
  readonly weight: number
}

/** What a way of preserving asks for. Neither: the run is as it would be without it, bit for bit. */
export interface Kept {
  readonly predictions?: KeptPredictions
  readonly pictures?: ClassPictures
}

type PreservationRequest = Partial<Pick<TrainRequest, 'trigger' | 'classPictures'>> & {
  readonly sets?: readonly Pick<PictureSet, 'classPictures'>[] | undefined
}

export interface Preservation<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly title: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  readonly options: O
  /** It looks at pictures of the class. */
  readonly takesPictures?: true
  /** Throws where it does not go with the rest of a request. */
  kept(request: PreservationRequest, options: z.output<O>): Kept
  /** sd-scripts' keys for it, where it has them. */
  metadata(options: z.output<O>): Readonly<Record<string, string>>
}

/** Throws `preservation-options`, `preservation-option-unknown`, `preservation-option-invalid`, and where the request does not fit. */
export function preservationOf(request: PreservationRequest & Partial<Omit<TrainRequest, 'sets'>>): Kept & {
  readonly metadata: Readonly<Record<string, string>>
} {
  const chosen = chosenOf({ field: 'preservation', choices: preservations, request: trainRequest }, request)
  const ofClass = request.sets?.findIndex(({ classPictures }) => classPictures) ?? -1
  if (ofClass >= 0 && !chosen?.one.takesPictures)
    throw new PigmentError(
      'set-of-class',
      `Set ${ofClass + 2} has pictures of the class, and nothing says what becomes of them. Choose --preservation pictures, or say that it is none of the class.`,
      { set: ofClass + 2, change: { preservation: 'pictures' } },
    )
  if (!chosen) return { metadata: {} }
  const { one, options } = chosen
  return { ...one.kept(request, options), metadata: one.metadata(options) }
}

/** Rows of the base's predictions in a micro-batch of so many pictures. */
export const keptRows = ({ share }: Pick<KeptPredictions, 'share'>, pictures: number): number => Math.max(1, Math.round(share * pictures))
