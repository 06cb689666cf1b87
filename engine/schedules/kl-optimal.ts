// Evenly spaced in arctan σ (Sabour et al. 2024, "Align Your Steps", arXiv 2404.14507, appendix).
// Sources: A1111 modules/sd_schedulers.py (kl_optimal), which ends at the lowest level and not without noise; comfyanonymous/ComfyUI,
// comfy/samplers.py (kl_optimal_scheduler), whose last step goes from there to none.
import { dialectOptions, evenly, through } from './dialect.ts'
import type { Schedule } from './schedule.ts'
import { checkSteps } from './timesteps.ts'

export const klOptimal: Schedule<typeof dialectOptions> = {
  name: 'kl-optimal',
  title: 'KL Optimal',
  written: 'KL Optimal',
  aliases: [],
  kind: 'sigmas',
  options: dialectOptions,
  grid(process, steps, { dialect }) {
    checkSteps(process.asked, steps)
    const comfy = dialect === 'comfyui'
    const angles = evenly(comfy ? steps : steps + 1, Math.atan(process.sigmaMax), Math.atan(process.sigmaMin))
    return through(process, [...angles.map(Math.tan), ...(comfy ? [0] : [])], dialect)
  },
}
