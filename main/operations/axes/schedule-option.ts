import { scheduleByName } from '../../../engine/schedules/schedule-names.ts'
import { samplerByName } from '../../../engine/samplers/sampler.ts'
import type { AxisKind } from './axis.ts'
import { optionKind } from './own-option.ts'

/** One option of the schedule that is chosen by then. */
export const scheduleOptionAxis: AxisKind = {
  name: 'scheduleOption',
  called: ['Schedule option'],
  ...optionKind('scheduleOptions', ({ schedule, sampler }) => (schedule ? scheduleByName(schedule) : samplerByName(sampler).schedule)),
}
