// As `normal` with one interval more, whose low end is left out.
// Source: comfyanonymous/ComfyUI, comfy/samplers.py (normal_scheduler, sgm); A1111 modules/sd_schedulers.py (sgm_uniform).
import { dialectOptions, evenly, through } from './dialect.ts'
import type { Schedule } from './schedule.ts'
import { checkSteps } from './timesteps.ts'

export const sgmUniform: Schedule<typeof dialectOptions> = {
  name: 'sgm-uniform',
  title: 'SGM Uniform',
  written: 'SGM Uniform',
  aliases: [],
  kind: 'sigmas',
  options: dialectOptions,
  grid(process, steps, { dialect }) {
    checkSteps(process.asked, steps)
    const timesteps = evenly(steps + 1, process.asked.trainSteps - 1, 0).slice(0, -1)
    return through(process, [...timesteps.map((timestep) => process.sigmaAt(timestep, 'logarithmic')), 0], dialect)
  },
}
