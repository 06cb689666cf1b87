// Timesteps as the checkpoint spaces them, as diffusers' Euler ancestral takes them.
import { falling, type Schedule } from './schedule.ts'
import { timestepGrid } from './timesteps.ts'

export const spaced: Schedule = {
  name: 'spaced',
  title: 'As the model spaces timesteps (diffusers)',
  written: 'Uniform',
  aliases: [],
  kind: 'sigmas',
  grid(process, steps) {
    const levels = timestepGrid(process.asked, steps, 'linspace').map((timestep) => process.level(process.sigmaAt(timestep), timestep))
    // Only the spacings that begin at the very last timestep count as noise of its level.
    return falling(process, levels, process.asked.timestepSpacing === 'leading')
  },
}
