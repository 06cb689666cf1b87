// How a row's answer is held against its target: the loss, and what each row of a micro-batch tells it.
import type { Value } from '../graph/graph.ts'
import { mul, reduceMean, sub } from '../graph/math.ts'
import type { NoiseProcess } from '../processes/process.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { Feed } from '../runtime/session.ts'
import { lossOf, type NoiseAt } from './losses/loss.ts'
import { maskingOf, type Masking } from './masks/mask.ts'
import { objectiveOf, type ChosenObjective } from './objectives/objective.ts'

/** What the rows of a micro-batch are. */
export interface Rows {
  readonly process: NoiseProcess
  readonly timesteps: ArrayLike<number>
  /** Cells of a latent. */
  readonly cells: readonly [height: number, width: number]
  /** How much each cell of a row counts; nothing where all count alike. */
  readonly masks: readonly (Float32Array | undefined)[]
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

/** Throws what `lossOf`, `maskingOf` and `objectiveOf` throw. */
export function distanceOf(request: Partial<TrainRequest>): Distance {
  const loss = lossOf(request)
  const masking = maskingOf(request)
  const objective = objectiveOf(request)
  if (loss.usual && !masking && !objective) return plainDistance
  const { threshold } = loss
  return {
    plain: false,
    of(prediction, target, rows) {
      const { graph } = prediction
      const c = threshold && graph.input('loss_threshold', 'float32', [rows, 1, 1, 1])
      const d = sub(prediction, target)
      const byNumber = loss.of(objective ? mul(d, graph.input('objective_scale', 'float32', [rows, 1, 1, 1])) : d, c)
      return meanOf(masking ? mul(byNumber, graph.input('mask', 'float32', [rows, 1, 'H', 'W'])) : byNumber)
    },
    feeds: (rows) => ({
      ...(threshold ? thresholds(rows, threshold) : {}),
      ...(objective ? scales(rows, objective) : {}),
      ...(masking ? masks(rows, masking) : {}),
    }),
  }
}

function thresholds({ process, timesteps }: Rows, threshold: (at: NoiseAt) => number): Readonly<Record<string, Feed>> {
  const { trainSteps } = process.asked
  const data = Float32Array.from(timesteps, (timestep) => threshold({ timestep, sigma: process.levelAt(timestep).sigma, trainSteps }))
  return { loss_threshold: { shape: [data.length, 1, 1, 1], data } }
}

function scales({ process, timesteps }: Rows, { scale }: ChosenObjective): Readonly<Record<string, Feed>> {
  const data = Float32Array.from(timesteps, (timestep) => scale(process.snr(timestep), process.prediction))
  return { objective_scale: { shape: [data.length, 1, 1, 1], data } }
}

function masks({ masks: all, cells: [height, width] }: Rows, { least, normalized }: Masking): Readonly<Record<string, Feed>> {
  const size = height * width
  const data = new Float32Array(all.length * size).fill(1)
  for (const [row, mask] of all.entries()) {
    if (!mask) continue
    const counted = mask.map((value) => Math.max(least, value))
    const mean = counted.reduce((sum, value) => sum + value, 0) / size
    // A mask of nothing at all leaves nothing to divide by.
    data.set(normalized && mean > 0 ? counted.map((value) => value / mean) : counted, row * size)
  }
  return { mask: { shape: [all.length, 1, height, width], data } }
}
