// In which terms a miss is measured: of the noise ε, of the velocity v = αε − s·x₀, or of the picture x₀. What the network answers stays as it is; of
// x = α·x₀ + s·ε each miss follows from any other: dε = α·dv, d(x₀) = −s·dv, with α² = SNR/(1 + SNR) and s² = 1/(1 + SNR).
import type { z } from 'zod'
import type { Prediction } from '../../checkpoint/config.ts'
import { chosenOf } from '../../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import { objectives } from './index.ts'

export interface Objective<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly title: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  readonly options: O
  /** Its miss beside that of v: √ of what α² or s² is at an SNR. */
  ofV(snr: number): number
  /** What a sample counts more by, beside its loss weight. */
  weight?(snr: number, options: z.output<O>): number
  /** What a file tells of its options. */
  metadata(options: z.output<O>): Readonly<Record<string, string>>
}

/** An objective with its options. */
export interface ChosenObjective {
  /** |its miss| / |that of the network's answer|. */
  readonly scale: (snr: number, prediction: Prediction) => number
  readonly weight: (snr: number) => number
  readonly metadata: Readonly<Record<string, string>>
}

/** α at an SNR. */
export const alphaOf = (snr: number): number => Math.sqrt(snr / (1 + snr))

/** Nothing where a request names none: misses are of what the network answers. Throws `objective-options`, `objective-option-unknown`, `objective-option-invalid`. */
export function objectiveOf(request: Partial<TrainRequest>): ChosenObjective | undefined {
  const chosen = chosenOf({ field: 'objective', choices: objectives, request: trainRequest }, request)
  if (!chosen) return undefined
  const { one, options } = chosen
  return {
    scale: (snr, prediction) => (prediction === 'epsilon' ? one.ofV(snr) / alphaOf(snr) : one.ofV(snr)),
    weight: (snr) => one.weight?.(snr, options) ?? 1,
    metadata: { 'pigment.objective': one.name, ...one.metadata(options) },
  }
}
