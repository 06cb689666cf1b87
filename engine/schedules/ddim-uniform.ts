// Timesteps 1, 1 + stride, 1 + 2·stride … as long as the table has them: where the stride does not divide it, there are more steps than were asked for.
// Source: comfyanonymous/ComfyUI, comfy/samplers.py (ddim_scheduler); A1111 calls it DDIM.
import { dialectOptions, through } from './dialect.ts'
import type { Schedule } from './schedule.ts'
import { checkSteps } from './timesteps.ts'

export const ddimUniform: Schedule<typeof dialectOptions> = {
  name: 'ddim-uniform',
  title: 'DDIM Uniform',
  written: 'DDIM',
  aliases: ['DDIM'],
  kind: 'sigmas',
  options: dialectOptions,
  grid(process, steps, { dialect }) {
    checkSteps(process.asked, steps)
    const { trainSteps } = process.asked
    const stride = Math.max(Math.floor(trainSteps / steps), 1)
    const count = Math.ceil((trainSteps - 1) / stride)
    const timesteps = Array.from({ length: count }, (_, i) => 1 + (count - 1 - i) * stride)
    return through(process, [...timesteps.map((timestep) => process.sigmaAt(timestep)), 0], dialect)
  },
}
