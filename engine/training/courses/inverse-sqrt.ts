// Vaswani et al. 2017. Reference: transformers get_inverse_sqrt_schedule.
import { z } from 'zod'
import type { Course } from './course.ts'

const options = z.object({
  timescale: z.int().min(0).default(0).meta({
    description: 'steps after the top in which the rate falls to 0.7 of it; 0: as many as the warm-up has, or 10000 without one',
    step: 100,
  }),
})

export const inverseSqrt: Course<typeof options> = {
  name: 'inverse-sqrt',
  sentence: 'The rate falls with the root of the steps and never reaches nothing: choose it where the end of the run is open.',
  options,
  endless: true,
  written: 'inverse_sqrt',
  factor(step, { warmupSteps }, { timescale }) {
    const scale = timescale || warmupSteps || 10_000
    return 1 / Math.sqrt((step - warmupSteps + scale) / scale)
  },
}
