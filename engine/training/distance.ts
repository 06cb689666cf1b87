// How a row's answer is held against its target: the loss, and what each row of a micro-batch tells it.
import type { Value } from '../graph/graph.ts'
import { mul, reduceMean, sub } from '../graph/math.ts'
import type { NoiseProcess } from '../processes/process.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { Feed } from '../runtime/session.ts'
import { lossOf } from './losses/loss.ts'

/** What the rows of a micro-batch are. */
export interface Rows {
  readonly process: NoiseProcess
  readonly timesteps: ArrayLike<number>
}

export interface Distance {
  /** The mean of squares and nothing else, as between an answer and one that is preserved. */
  readonly plain: boolean
  /** Of each row of (rows, C, H, W): (rows). Opens the inputs that `feeds` fills; `rows` is their first symbol. */
  of(prediction: Value, target: Value, rows: string): Value
  feeds(rows: Rows): Readonly<Record<string, Feed>>
}

const meanOf = (byNumber: Value): Value => reduceMean(byNumber, [1, 2, 3], false)

/** Mean squared distance of each row. */
export function meanSquares(prediction: Value, target: Value): Value {
  const d = sub(prediction, target)
  return meanOf(mul(d, d))
}

export const plainDistance: Distance = { plain: true, of: meanSquares, feeds: () => ({}) }

/** Throws what `lossOf` throws. */
export function distanceOf(request: Partial<TrainRequest>): Distance {
  const loss = lossOf(request)
  if (loss.usual) return plainDistance
  const { threshold } = loss
  return {
    plain: false,
    of(prediction, target, rows) {
      const c = threshold && prediction.graph.input('loss_threshold', 'float32', [rows, 1, 1, 1])
      return meanOf(loss.of(sub(prediction, target), c))
    },
    feeds({ process, timesteps }): Readonly<Record<string, Feed>> {
      if (!threshold) return {}
      const { trainSteps } = process.asked
      const data = Float32Array.from(timesteps, (timestep) => threshold({ timestep, sigma: process.levelAt(timestep).sigma, trainSteps }))
      return { loss_threshold: { shape: [data.length, 1, 1, 1], data } }
    },
  }
}
