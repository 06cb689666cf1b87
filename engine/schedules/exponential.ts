// Evenly spaced in ln σ. Source: crowsonkb/k-diffusion, k_diffusion/sampling.py (get_sigmas_exponential).
import { dialectOptions, evenly, through } from './dialect.ts'
import type { Schedule } from './schedule.ts'
import { checkSteps } from './timesteps.ts'

export const exponential: Schedule<typeof dialectOptions> = {
  name: 'exponential',
  title: 'Exponential',
  written: 'Exponential',
  aliases: [],
  kind: 'sigmas',
  options: dialectOptions,
  grid(process, steps, { dialect }) {
    checkSteps(process.asked, steps)
    const logs = evenly(steps, Math.log(process.sigmaMax), Math.log(process.sigmaMin))
    return through(process, [...logs.map(Math.exp), 0], dialect)
  },
}
