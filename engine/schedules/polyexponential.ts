// A polynomial in ln σ. Source: crowsonkb/k-diffusion, k_diffusion/sampling.py (get_sigmas_polyexponential).
import { z } from 'zod'
import { dialect, evenly, through } from './dialect.ts'
import type { Schedule } from './schedule.ts'
import { checkSteps } from './timesteps.ts'

const options = z.object({
  rho: z.number().min(0.1).max(50).default(1).meta({
    description: 'the higher, the more steps at low noise',
    written: 'Schedule rho',
    step: 0.1,
  }),
  dialect,
})

export const polyexponential: Schedule<typeof options> = {
  name: 'polyexponential',
  title: 'Polyexponential',
  written: 'Polyexponential',
  aliases: [],
  kind: 'sigmas',
  options,
  grid(process, steps, { rho, dialect: as }) {
    checkSteps(process.asked, steps)
    const [low, high] = [Math.log(process.sigmaMin), Math.log(process.sigmaMax)]
    const sigmas = evenly(steps, 1, 0).map((ramp) => Math.exp(ramp ** rho * (high - low) + low))
    return through(process, [...sigmas, 0], as)
  },
}
