// Karras et al. 2022, Algorithm 2, lines 4 to 6: noise added before a step, from σ up to σ̂. As in k-diffusion.
import { z } from 'zod'
import { combine } from '../processes/combine.ts'
import type { Level } from '../processes/process.ts'
import type { Step } from './run.ts'

export const spreadOption = z.number().min(0).max(2).default(1).meta({
  description: 'spread of the added noise',
  written: 'Sigma noise',
  step: 0.01,
})

export const churnOptions = z.object({
  s_churn: z.number().min(0).max(100).default(0).meta({
    description: 'noise added before each step, shared out over all of them',
    written: 'Sigma churn',
    step: 0.5,
  }),
  s_tmin: z.number().min(0).max(1000).default(0).meta({
    description: 'noise level below which none is added',
    written: 'Sigma tmin',
    step: 0.1,
  }),
  s_tmax: z.number().min(0).max(1000).default(0).meta({
    description: 'noise level above which none is added, 0 for no end',
    written: 'Sigma tmax',
    step: 1,
  }),
  s_noise: spreadOption,
})

/** The straight state of a step with its share of noise added, and the level that it is of then. */
export function churned(
  x: Float32Array,
  { at, noise, level }: Pick<Step, 'at' | 'noise' | 'level'>,
  { count }: { readonly count: number },
  { s_churn, s_tmin, s_tmax, s_noise }: z.output<typeof churnOptions>,
): { x: Float32Array; at: Level } {
  const { sigma } = at
  if (s_churn === 0) return { x, at }
  // Drawn at every step, as there: those who take their noise from one stream would else have that of another step.
  const fresh = noise()
  const within = sigma >= s_tmin && sigma <= (s_tmax || Infinity)
  const gamma = within ? Math.min(s_churn / count, Math.SQRT2 - 1) : 0
  if (gamma === 0) return { x, at }
  const hat = sigma * (1 + gamma)
  return { x: combine([1, x], [s_noise * Math.sqrt(hat * hat - sigma * sigma), fresh]), at: level(hat) }
}
