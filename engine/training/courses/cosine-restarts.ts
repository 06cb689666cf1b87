// Loshchilov and Hutter 2017, "SGDR", with restarts at equal distances. Reference: transformers get_cosine_with_hard_restarts_schedule_with_warmup.
import { z } from 'zod'
import type { Course } from './course.ts'
import { progressOf } from './minimum.ts'

const options = z.object({
  cycles: z.int().min(1).max(1000).default(3).meta({ description: 'times that the rate begins at the top', step: 1 }),
})

export const cosineRestarts: Course<typeof options> = {
  name: 'cosine-restarts',
  sentence: 'The cosine several times over, each from the top: a way out of what was learnt too early. Keep the adapters of the ends.',
  options,
  written: 'cosine_with_restarts',
  factor(step, at, { cycles }) {
    const progress = progressOf(step, at)
    return progress >= 1 ? 0 : Math.max(0, (1 + Math.cos(Math.PI * ((cycles * progress) % 1))) / 2)
  },
}
