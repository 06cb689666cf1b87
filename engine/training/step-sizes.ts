// What the symbols of a training graph are in a usual micro-batch.
import type { Checkpoint } from '../checkpoint/config.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { MethodRequest } from './methods/method.ts'
import { keptRows, preservationOf } from './preservations/preservation.ts'

export interface StepSizes extends Readonly<Record<string, number>> {
  /** All rows, those of pictures, and those that are preserved. */
  readonly N: number
  readonly R: number
  readonly P: number
  /** Cells of a latent. */
  readonly H: number
  readonly W: number
  /** Tokens of a text. */
  readonly T: number
}

/** `side` of the pictures, in pixels; those that are not square have about as many. */
export function stepSizes(
  { vae, textEncoders }: Pick<Checkpoint, 'vae' | 'textEncoders'>,
  request: MethodRequest & Pick<TrainRequest, 'batch'>,
  side: number,
): StepSizes {
  const { predictions } = preservationOf(request)
  const [R, P] = [request.batch, predictions ? keptRows(predictions, request.batch) : 0]
  const cells = side / 2 ** (vae.config.blockOutChannels.length - 1)
  const T = Math.max(...textEncoders.map(({ config }) => config.positions))
  return { N: R + P, R, P, H: cells, W: cells, T }
}
