// Which noise levels a training run sees, and how often.
import type { z } from 'zod'
import type { NoiseProcess } from '../../processes/process.ts'
import { PigmentError } from '../../requests/error.ts'
import { chosenOf } from '../../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import type { RandomStream } from '../../tensor/philox.ts'
import { timestepDraws } from './index.ts'

/** Timesteps of a process, 0 being the cleanest: `to` is no longer one of them. */
export interface TimestepRange {
  readonly from: number
  readonly to: number
}

export interface TimestepDraw<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  readonly options: O
  /** Whole training timesteps of the range; a pure function of the stream. */
  draw(random: RandomStream, count: number, range: TimestepRange, options: z.output<O>): Float32Array
  /** sd-scripts' keys for it. */
  metadata(options: z.output<O>): Readonly<Record<string, string>>
}

/** A draw with its options. */
export interface ChosenDraw {
  readonly draw: (random: RandomStream, count: number, process: NoiseProcess) => Float32Array
  readonly metadata: Readonly<Record<string, string>>
}

/** Throws `timestep-range`, `timestep-draw-option-unknown`, `timestep-draw-option-invalid`. */
export function timestepDrawOf(request: Partial<TrainRequest>): ChosenDraw {
  const chosen = chosenOf({ field: 'timestepDraw', choices: timestepDraws, request: trainRequest, usual: 'uniform' }, request)
  // Names and list are written from the same folder.
  const { one, options } = chosen as NonNullable<typeof chosen>
  const { minTimestep, maxTimestep } = request
  refuseEmpty(minTimestep, maxTimestep)
  return {
    draw(random, count, { asked: { trainSteps } }) {
      const [from, to] = [minTimestep ?? 0, Math.min(maxTimestep ?? trainSteps, trainSteps)]
      refuseEmpty(from, to)
      return one.draw(random, count, { from, to }, options)
    },
    metadata: {
      ...one.metadata(options),
      ...(minTimestep === undefined ? {} : { 'pigment.min_timestep': String(minTimestep) }),
      ...(maxTimestep === undefined ? {} : { 'pigment.max_timestep': String(maxTimestep) }),
    },
  }
}

function refuseEmpty(from = 0, to = Infinity): void {
  if (from < to) return
  const sentence = `No timestep is from ${from} to below ${to}, so nothing would be learnt. Give a minTimestep below maxTimestep, and below the timesteps of the model.`
  throw new PigmentError('timestep-range', sentence, { from, to })
}
