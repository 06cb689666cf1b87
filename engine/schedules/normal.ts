// Timesteps evenly from the last to the first, σ between two of them by its logarithm.
// Source: comfyanonymous/ComfyUI, comfy/samplers.py (normal_scheduler); A1111 modules/sd_schedulers.py has it too.
import { dialectOptions, evenly, through } from './dialect.ts'
import type { Schedule } from './schedule.ts'
import { checkSteps } from './timesteps.ts'

export const normal: Schedule<typeof dialectOptions> = {
  name: 'normal',
  title: 'Normal',
  written: 'Normal',
  aliases: [],
  kind: 'sigmas',
  options: dialectOptions,
  grid(process, steps, { dialect }) {
    checkSteps(process.asked, steps)
    const timesteps = evenly(steps, process.asked.trainSteps - 1, 0)
    return through(process, [...timesteps.map((timestep) => process.sigmaAt(timestep, 'logarithmic')), 0], dialect)
  },
}
