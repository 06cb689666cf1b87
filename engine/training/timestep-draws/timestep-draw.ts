// Which noise levels a training run sees, and how often.
import type { z } from 'zod'
import type { NoiseProcess } from '../../processes/process.ts'
import { chosenOf } from '../../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import type { RandomStream } from '../../tensor/philox.ts'
import { timestepDraws } from './index.ts'

export interface TimestepDraw<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  readonly options: O
  /** Whole training timesteps from 0 to the last, which is the noisiest; a pure function of the stream. */
  draw(random: RandomStream, count: number, process: NoiseProcess, options: z.output<O>): Float32Array
  /** sd-scripts' keys for it. */
  metadata(options: z.output<O>): Readonly<Record<string, string>>
}

/** A draw with its options. */
export interface ChosenDraw {
  readonly draw: (random: RandomStream, count: number, process: NoiseProcess) => Float32Array
  readonly metadata: Readonly<Record<string, string>>
}

/** Throws `timestep-draw-option-unknown`, `timestep-draw-option-invalid`. */
export function timestepDrawOf(request: TrainRequest): ChosenDraw {
  const chosen = chosenOf({ field: 'timestepDraw', choices: timestepDraws, request: trainRequest }, request)
  // Names and list are written from the same folder.
  const { one, options } = chosen as NonNullable<typeof chosen>
  return { draw: (random, count, process) => one.draw(random, count, process, options), metadata: one.metadata(options) }
}
