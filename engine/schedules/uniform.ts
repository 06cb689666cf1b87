// Over the whole training table, whatever spacing the checkpoint names, and no timestep is rounded: as A1111 takes them.
// Source: crowsonkb/k-diffusion, k_diffusion/external.py (DiscreteSchedule), whose σ lies between two timesteps by its logarithm.
import { falling, type Schedule } from './schedule.ts'
import { checkSteps } from './timesteps.ts'

export const uniform: Schedule = {
  name: 'uniform',
  title: 'Uniform',
  written: 'Uniform',
  // stable-diffusion.cpp, NovelAI.
  aliases: ['discrete', 'default', 'native'],
  kind: 'sigmas',
  grid(process, steps) {
    checkSteps(process.asked, steps)
    const last = process.asked.trainSteps - 1
    const timesteps = Array.from({ length: steps }, (_, i) => (i === 0 ? last : (last * (steps - 1 - i)) / (steps - 1)))
    const levels = timesteps.map((timestep) => process.level(process.sigmaAt(timestep, 'logarithmic'), timestep))
    return falling(process, levels, false)
  },
}
