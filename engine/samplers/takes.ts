import type { Schedule } from '../schedules/schedule.ts'
import type { Sampler } from './sampler.ts'

/** A sampler goes by what its own schedule gives: strides of whole timesteps, or any noise levels. */
export const takesSchedule = (sampler: Sampler, { kind }: Schedule): boolean => sampler.schedule.kind === kind
