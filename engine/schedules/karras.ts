// Karras et al. 2022, equation 5, over the whole training table: as A1111 takes them no timestep is rounded.
// Source: crowsonkb/k-diffusion, k_diffusion/sampling.py (get_sigmas_karras).
import { z } from 'zod'
import { dialect, through } from './dialect.ts'
import { karrasSigmas } from './karras-sigmas.ts'
import type { Schedule } from './schedule.ts'
import { checkSteps } from './timesteps.ts'

const options = z.object({
  rho: z.number().min(0.1).max(50).default(7).meta({
    description: 'the higher, the more steps at low noise',
    written: 'Schedule rho',
    step: 0.5,
  }),
  dialect,
})

export const karras: Schedule<typeof options> = {
  name: 'karras',
  title: 'Karras',
  written: 'Karras',
  // InvokeAI.
  aliases: ['k'],
  kind: 'sigmas',
  options,
  grid(process, steps, { rho, dialect: as }) {
    checkSteps(process.asked, steps)
    return through(process, [...karrasSigmas(steps, process.sigmaMin, process.sigmaMax, rho), 0], as)
  },
}
