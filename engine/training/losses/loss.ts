// How far an answer is from its target: what is made small.
import type { z } from 'zod'
import type { Value } from '../../graph/graph.ts'
import { chosenOf } from '../../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import { losses } from './index.ts'

/** Where along the noise a row is. */
export interface NoiseAt {
  readonly timestep: number
  readonly sigma: number
  /** How many training timesteps there are. */
  readonly trainSteps: number
}

export interface Loss<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly title: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  readonly options: O
  /** Throws where its options leave nothing to learn from. */
  fits?(options: z.output<O>): void
  /** Of each number d = answer − target, of (N, C, H, W); `threshold` of (N, 1, 1, 1), where there is one. */
  of(d: Value, options: z.output<O>, threshold: Value | undefined): Value
  /** A number of each row that the loss depends on, above 0: fed at every step. */
  threshold?(at: NoiseAt, options: z.output<O>): number
  /** sd-scripts' keys for it, where it has them. */
  metadata(options: z.output<O>): Readonly<Record<string, string>>
}

/** A loss with its options. */
export interface ChosenLoss {
  readonly of: (d: Value, threshold?: Value) => Value
  readonly threshold?: (at: NoiseAt) => number
  /** The one of runs that name none: the mean of squares. */
  readonly usual: boolean
  readonly metadata: Readonly<Record<string, string>>
}

const usual = 'l2'

/** Throws `loss-option-unknown`, `loss-option-invalid`, and what a loss throws. */
export function lossOf(request: Partial<TrainRequest>): ChosenLoss {
  const chosen = chosenOf({ field: 'loss', choices: losses, request: trainRequest, usual }, request)
  // Names and list are written from the same folder.
  const { one, options } = chosen as NonNullable<typeof chosen>
  one.fits?.(options)
  return {
    of: (d, threshold) => one.of(d, options, threshold),
    ...(one.threshold ? { threshold: (at: NoiseAt) => one.threshold?.(at, options) ?? NaN } : {}),
    usual: one.name === usual,
    metadata: one.metadata(options),
  }
}
