// Reference: transformers get_polynomial_decay_schedule_with_warmup, whose end is a rate and not a share.
import { z } from 'zod'
import type { Course } from './course.ts'
import { minimum, notBelow, progressOf } from './minimum.ts'

const options = z.object({
  power: z
    .number()
    .positive()
    .max(10)
    .default(2)
    .meta({ description: '1 falls evenly; above, quickly at first and gently at last; below, the other way round', step: 0.5 }),
  minimum: minimum(0),
})

export const polynomial: Course<typeof options> = {
  name: 'polynomial',
  sentence: 'The rate falls along a power of what is left: with 2 quickly at first and gently at last.',
  options,
  factor: (step, at, { power, minimum: least }) => notBelow(least, Math.max(0, 1 - progressOf(step, at)) ** power),
}
