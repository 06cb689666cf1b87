// The measurements of a run: taken on the graph of its steps, of the weights as they would be written, and kept in its checkpoints.
import type { Feeds } from '../plan.ts'
import type { ValidationPoint } from '../../requests/watch-events.ts'
import { validationLevels, type MeasuredBatch } from './validation-batches.ts'

/** Gives the loss of each row of each batch, and learns nothing. */
export type Measure = (batches: readonly Feeds[]) => Promise<readonly Float32Array[]>

/** The batches of both lists. */
export interface Lists {
  readonly heldOut: readonly MeasuredBatch[]
  readonly trained: readonly MeasuredBatch[]
}

/** Numbers of a point in a vector: its step, then held out and trained at each level. */
const size = 1 + 2 * validationLevels.length

/** Means of the losses by level. */
async function byLevel(batches: readonly MeasuredBatch[], measure: Measure): Promise<number[]> {
  const losses = await measure(batches.map(({ feeds }) => feeds))
  const [sums, counts] = [validationLevels.map(() => 0), validationLevels.map(() => 0)]
  for (const [i, { rows }] of batches.entries())
    for (const [row, { level }] of rows.entries()) {
      sums[level] = (sums[level] ?? 0) + (losses[i]?.[row] ?? NaN)
      counts[level] = (counts[level] ?? 0) + 1
    }
  return sums.map((sum, level) => sum / Math.max(1, counts[level] ?? 0))
}

export class Validation {
  readonly #lists: Lists
  readonly #timesteps: readonly number[]
  readonly #known: number[][]

  /** `kept`: the vector of a checkpoint. */
  constructor(lists: Lists, timesteps: readonly number[], kept: ArrayLike<number> = []) {
    this.#lists = lists
    this.#timesteps = timesteps
    this.#known = Array.from({ length: Math.floor(kept.length / size) }, (_, i) => Array.from({ length: size }, (_, k) => kept[i * size + k] ?? NaN)) // prettier-ignore
  }

  async measure(step: number, measure: Measure): Promise<ValidationPoint> {
    const { heldOut, trained } = this.#lists
    this.#known.push([step, ...(await byLevel(heldOut, measure)), ...(await byLevel(trained, measure))])
    return this.points.at(-1) as ValidationPoint
  }

  get points(): ValidationPoint[] {
    let before = 0
    return this.#known.map(([step = NaN, ...losses]) => {
      const levels = this.#timesteps.map((timestep, i) => ({
        timestep,
        heldOut: losses[i] ?? NaN,
        trained: losses[this.#timesteps.length + i] ?? NaN,
      }))
      const mean = (of: (one: (typeof levels)[number]) => number): number => levels.reduce((sum, one) => sum + of(one), 0) / levels.length
      const [heldOut, trained] = [mean((one) => one.heldOut), mean((one) => one.trained)]
      if (step === 0) before = trained - heldOut
      return { step, heldOut, trained, gap: trained - heldOut - before, levels }
    })
  }

  /** As a checkpoint keeps it. */
  get vector(): Float64Array {
    return Float64Array.from(this.#known.flat())
  }
}
