// What ancestral samplers have in common: a step goes down below the next noise level, and fresh noise brings it up to it.
// Source: crowsonkb/k-diffusion, k_diffusion/sampling.py (get_ancestral_step).
import { z } from 'zod'
import { spreadOption } from './churn.ts'

export const ancestralOptions = z.object({
  eta: z.number().min(0).max(1).default(1).meta({
    description: 'how much of the noise that a step takes away comes back as fresh noise',
    written: 'Eta',
    step: 0.05,
  }),
  s_noise: spreadOption,
})

/** From σ `from` to `to`: the level to step down to, and the spread of the noise from there. */
export function ancestral(from: number, to: number, eta: number): { readonly down: number; readonly up: number } {
  const up = Math.min(to, eta * (to / from) * Math.sqrt(from * from - to * to))
  return { down: Math.sqrt(to * to - up * up), up }
}
