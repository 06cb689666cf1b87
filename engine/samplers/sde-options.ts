// Options of solvers of the stochastic equation, whose η goes beyond 1. As in k-diffusion.
import { z } from 'zod'
import { spreadOption } from './churn.ts'

export const sdeOptions = z.object({
  eta: z.number().min(0).max(10).default(1).meta({
    description: 'how much of the noise that a step takes away comes back as fresh noise',
    written: 'Eta',
    step: 0.05,
  }),
  s_noise: spreadOption,
})

/** Spread of the fresh noise of a step of h = ln(σ/σ′), in units of σ′. */
export const freshNoise = (h: number, eta: number): number => Math.sqrt(-Math.expm1(-2 * eta * h))
