import { scheduleCalled } from '../../../engine/schedules/schedule-names.ts'
import { schedules } from '../../../engine/schedules/index.ts'
import type { AxisKind } from './axis.ts'

export const scheduleAxis: AxisKind = {
  name: 'schedule',
  called: ['Schedule type', 'Scheduler'],
  read: (words, { refuse }) =>
    words.map((word, place) => {
      const found = schedules.find(({ name }) => name === word) ?? scheduleCalled(word)
      return found && found !== 'unknown' ? found.name : refuse(place, word, `one of ${schedules.map(({ name }) => name).join(', ')}`)
    }),
  steps: ({ values }) =>
    values.map(String).map((schedule) => ({
      label: schedules.find(({ name }) => name === schedule)?.title ?? schedule,
      change: (form) => (schedule === form.schedule ? form : { ...form, schedule, scheduleOptions: undefined }),
    })),
}
