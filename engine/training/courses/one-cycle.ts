// Smith and Topin 2018, "Super-Convergence" (arXiv 1708.07120). Reference: torch.optim.lr_scheduler.OneCycleLR with two phases and cosines.
import { z } from 'zod'
import type { Course } from './course.ts'

const options = z.object({
  riseShare: z.number().positive().max(0.9).default(0.3).meta({ description: 'share of all steps in which the rate rises', step: 0.05 }),
  startDivisor: z
    .number()
    .min(1)
    .max(1e6)
    .default(25)
    .meta({ description: 'the rate begins at the learning rate divided by this', step: 5 }),
  endDivisor: z
    .number()
    .min(1)
    .max(1e8)
    .default(10_000)
    .meta({ description: 'the rate ends at what it began with, divided by this', step: 1000 }),
})

/** From `from` to `to` along half a cosine. */
const between = (from: number, to: number, progress: number): number => to + ((from - to) / 2) * (1 + Math.cos(Math.PI * progress))

export const oneCycle: Course<typeof options> = {
  name: 'one-cycle',
  sentence: 'The rate rises for a third of the run and falls to almost nothing: quick learning at high rates. It needs no warm-up.',
  options,
  rises: true,
  written: 'torch.optim.lr_scheduler.OneCycleLR',
  factor(step, { totalSteps }, { riseShare, startDivisor, endDivisor }) {
    const top = riseShare * totalSteps - 1
    const end = totalSteps - 1
    if (step <= top) return between(1 / startDivisor, 1, step / Math.max(top, 1e-9))
    return between(1, 1 / (startDivisor * endDivisor), Math.min(1, (step - top) / Math.max(end - top, 1e-9)))
  },
}
