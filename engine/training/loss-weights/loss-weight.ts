// How much a sample counts in the loss, by how noisy it is.
import type { z } from 'zod'
import type { Prediction } from '../../checkpoint/config.ts'
import { PigmentError } from '../../requests/error.ts'
import type { TrainRequest } from '../../requests/train.ts'
import { lossWeights } from './index.ts'

export interface LossWeight<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
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
 * an option of another is given: it would do nothing.
 */
export function lossWeightOf(request: TrainRequest): ChosenWeight {
  const given = lossWeights.flatMap((one) =>
    Object.keys(one.options.shape).flatMap((option) => (request[option as keyof TrainRequest] === undefined ? [] : [{ one, option }])),
  )
  const name = request.lossWeight ?? given[0]?.one.name ?? 'constant'
  const other = given.find(({ one }) => one.name !== name)
  if (other)
    throw new PigmentError(
      'loss-weight-options',
      `"${other.option}" belongs to the loss weight "${other.one.name}", and "${name}" was chosen. Leave it out, or choose "${other.one.name}".`,
      { option: other.option, belongsTo: other.one.name, lossWeight: name },
    )
  // Names and list are written from the same folder.
  const chosen = lossWeights.find((one) => one.name === name) as LossWeight
  const options = chosen.options.parse(request)
  return { weight: (snr, prediction) => chosen.weight(snr, prediction, options), metadata: chosen.metadata(options) }
}
