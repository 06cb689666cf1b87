// How much a sample counts in the loss, by how noisy it is.
import type { z } from 'zod'
import type { Prediction } from '../../checkpoint/config.ts'
import { chosenOf } from '../../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import { lossWeights } from './index.ts'

export interface LossWeight<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  /** Fields of the request that are its own. */
  readonly options: O
  /** SNR is ᾱ/(1−ᾱ). */
  weight(snr: number, prediction: Prediction, options: z.output<O>): number
  /** sd-scripts' keys for it. */
  metadata(options: z.output<O>): Readonly<Record<string, string>>
}

/** A loss weight with its options. */
export interface ChosenWeight {
  readonly weight: (snr: number, prediction: Prediction) => number
  readonly metadata: Readonly<Record<string, string>>
}

/**
 * The weight that a request asks for by name, or by an option of it alone; else all samples count the same. Throws `loss-weight-options` where
 * an option of another is given: it would do nothing; and `loss-weight-option-unknown`, `loss-weight-option-invalid`.
 */
export function lossWeightOf(request: TrainRequest): ChosenWeight {
  const chosen = chosenOf({ field: 'lossWeight', choices: lossWeights, request: trainRequest, usual: 'constant' }, request)
  // Names and list are written from the same folder.
  const { one, options } = chosen as NonNullable<typeof chosen>
  return { weight: (snr, prediction) => one.weight(snr, prediction, options), metadata: one.metadata(options) }
}
