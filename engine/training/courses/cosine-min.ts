// Reference: transformers get_cosine_with_min_lr_schedule_with_warmup.
import { z } from 'zod'
import type { Course } from './course.ts'
import { minimum, notBelow, progressOf } from './minimum.ts'

const options = z.object({ minimum: minimum(0.1) })

export const cosineMin: Course<typeof options> = {
  name: 'cosine-min',
  sentence: 'The cosine, but for its end: the rate stays above nothing, so that the last steps still learn.',
  options,
  written: 'cosine_with_min_lr',
  factor: (step, at, { minimum: least }) => notBelow(least, (1 + Math.cos(Math.PI * progressOf(step, at))) / 2),
}
