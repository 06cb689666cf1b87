// Every so many entries of the training table, from its end. Source: comfyanonymous/ComfyUI, comfy/samplers.py (simple_scheduler).
import { dialectOptions, through } from './dialect.ts'
import type { Schedule } from './schedule.ts'
import { checkSteps } from './timesteps.ts'

export const simple: Schedule<typeof dialectOptions> = {
  name: 'simple',
  title: 'Simple',
  written: 'Simple',
  aliases: [],
  kind: 'sigmas',
  options: dialectOptions,
  grid(process, steps, { dialect }) {
    checkSteps(process.asked, steps)
    const last = process.asked.trainSteps
    const timesteps = Array.from({ length: steps }, (_, i) => last - 1 - Math.floor(i * (last / steps)))
    return through(process, [...timesteps.map((timestep) => process.sigmaAt(timestep)), 0], dialect)
  },
}
