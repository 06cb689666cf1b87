// A sampler and a schedule with options of their own: checked, handed to them, and as they stand in a settings line.
import { PigmentError } from '../requests/error.ts'
import type { FieldDescription } from '../requests/fields.ts'
import { generateRequest } from '../requests/generate.ts'
import { completeOptions, optionsOf, type Choice, type OwnOptions } from '../requests/own-options.ts'
import { scheduleByName } from '../schedules/schedule-names.ts'
import type { Grid, Schedule } from '../schedules/schedule.ts'
import { samplerRun, type SamplerInput } from './run.ts'
import { takesSchedule } from './takes.ts'
import { samplerByName, type Sampler } from './sampler.ts'

export const ofSampler = { kind: 'sampler', request: generateRequest }
export const ofSchedule = { kind: 'schedule', request: generateRequest }

/** Its key in a settings line: A1111's, where A1111 has one. */
export const optionWritten = ({ key, written }: FieldDescription): string => written || `Sampler ${key}`

interface Asked {
  readonly sampler: string
  readonly samplerOptions?: OwnOptions | undefined
  /** Undefined: the sampler's own. */
  readonly schedule?: string | undefined
  readonly scheduleOptions?: OwnOptions | undefined
}
/**
 * The sampler and the schedule that a request names, once their options are known to be right. Throws `sampler-unknown`, `schedule-unknown`,
 * `schedule-unfit` and those of `completeOptions`.
 */
export function chosenSampling(asked: Asked): { readonly sampler: Sampler; readonly schedule: Schedule } {
  const sampler = samplerByName(asked.sampler)
  const named = asked.schedule === undefined ? sampler.schedule : scheduleByName(asked.schedule)
  const schedule = named.stands?.(sampler.schedule, sampler.automatic) ?? named
  if (!takesSchedule(sampler, schedule))
    throw new PigmentError(
      'schedule-unfit',
      `The sampler "${sampler.name}" goes by ${kinds[sampler.schedule.kind]}, and the schedule "${schedule.name}" gives ${kinds[schedule.kind]}. Choose another sampler, or leave the schedule to this one.`,
      { sampler: sampler.name, schedule: schedule.name },
    )
  completeOptions(ofSampler, sampler, asked.samplerOptions)
  completeOptions(ofSchedule, schedule, asked.scheduleOptions)
  return { sampler, schedule }
}

const kinds = { strides: 'strides of whole training timesteps', sigmas: 'noise levels between them' }

/** A run of the sampler under these options, the others by their defaults, over its own noise levels or those of another schedule. */
export function sampleWith(
  sampler: Sampler,
  input: SamplerInput,
  given?: OwnOptions,
  { schedule = sampler.schedule, options }: { readonly schedule?: Schedule; readonly options?: OwnOptions | undefined } = {},
): ReturnType<Sampler['sample']> {
  const own = completeOptions(ofSampler, sampler, given)
  const grid = gridOf(schedule, input, completeOptions(ofSchedule, schedule, options), sampler.discards?.(own) ?? false)
  return sampler.sample(samplerRun(input, grid, sampler.coordinates), own)
}

/** The schedule's noise levels, or those of a step more without the last but one. As many steps as timesteps leave no room for that. */
function gridOf(schedule: Schedule, { process, steps }: SamplerInput, options: Record<string, unknown>, discard: boolean): Grid {
  if (!discard || steps >= process.asked.trainSteps) return schedule.grid(process, steps, options)
  const grid = schedule.grid(process, steps + 1, options)
  const [last, ...before] = grid.steps.toReversed()
  const [above, ...rest] = before
  if (!last || !above) return grid
  return { ...grid, steps: [...rest.toReversed(), { at: above.at, next: last.next }] }
}

/** The options that are not at their defaults, for a settings line. */
export function optionsWritten(choice: Choice, given: OwnOptions = {}): [written: string, value: string][] {
  return optionsOf(choice, generateRequest).flatMap((option) => {
    const value = given[option.key]
    return value === undefined || value === option.default ? [] : [[optionWritten(option), String(value)] as [string, string]]
  })
}
