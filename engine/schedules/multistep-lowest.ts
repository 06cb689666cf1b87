// As diffusers' DEIS takes them: whole timesteps, and the last step ends at the lowest noise level of the training table, not without noise.
import { multistep } from './multistep.ts'
import type { Schedule } from './schedule.ts'

export const multistepLowest: Schedule = {
  ...multistep,
  name: 'multistep-lowest',
  title: 'Whole timesteps to the lowest (diffusers)',
  grid(process, steps, options) {
    const grid = multistep.grid(process, steps, options)
    const lowest = process.level(process.sigmaMin, 0)
    return { ...grid, steps: grid.steps.map((step) => (step.next.sigma > 0 ? step : { at: step.at, next: lowest })) }
  },
}
