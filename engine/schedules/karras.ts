// Karras et al. 2022, equation 5, over the whole training table, and no timestep is rounded: as A1111 takes them.
// Source: crowsonkb/k-diffusion, k_diffusion/sampling.py (get_sigmas_karras).
import { karrasSigmas } from './karras-sigmas.ts'
import { falling, type Schedule } from './schedule.ts'
import { checkSteps } from './timesteps.ts'

export const karras: Schedule = {
  name: 'karras',
  type: 'karras',
  grid(process, steps) {
    checkSteps(process.asked, steps)
    const sigmas = karrasSigmas(steps, process.sigmaMin, process.sigmaMax)
    return falling(
      process,
      sigmas.map((sigma) => process.level(sigma)),
      false,
    )
  },
}
