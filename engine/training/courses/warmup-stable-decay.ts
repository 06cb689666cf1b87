// Hu et al. 2024, "MiniCPM" (arXiv 2404.06395), 4.2. Reference: transformers get_wsd_schedule.
import { z } from 'zod'
import type { Course } from './course.ts'
import { minimum, notBelow } from './minimum.ts'

const curves = {
  cosine: (progress: number) => (1 + Math.cos(Math.PI * progress)) / 2,
  linear: (progress: number) => 1 - progress,
  '1-sqrt': (progress: number) => 1 - Math.sqrt(progress),
} as const

const options = z.object({
  decaySteps: z
    .int()
    .min(0)
    .default(0)
    .meta({ description: 'steps in which the rate falls, at the end of the run; 0: a fifth of all', step: 50 }),
  decayCurve: z.enum(['cosine', 'linear', '1-sqrt']).default('cosine').meta({ description: 'how it falls' }),
  minimum: minimum(0),
})

export const warmupStableDecay: Course<typeof options> = {
  name: 'warmup-stable-decay',
  sentence:
    'The rate stays at the top and falls only in the last part: more time to learn, and an end that can be made anew from the middle.',
  options,
  written: 'warmup_stable_decay',
  factor(step, { totalSteps }, { decaySteps, decayCurve, minimum: least }) {
    const falling = Math.min(totalSteps, decaySteps || Math.round(totalSteps / 5))
    const progress = (step - (totalSteps - falling)) / Math.max(1, falling)
    if (progress < 0) return 1
    return progress >= 1 ? least : notBelow(least, curves[decayCurve](progress))
  },
}
