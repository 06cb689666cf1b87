// As diffusers' DPM++ takes them: whole timesteps, or Karras' noise levels where the checkpoint asks for these.
import { karrasWhole } from './karras-whole.ts'
import { falling, type Schedule } from './schedule.ts'
import { multistepTimestepGrid } from './timesteps.ts'

export const multistep: Schedule = {
  name: 'multistep',
  title: 'Whole timesteps (diffusers)',
  written: ({ karrasSigmas }) => (karrasSigmas ? 'Karras' : 'Uniform'),
  aliases: [],
  kind: 'sigmas',
  grid(process, steps, options) {
    if (process.asked.karrasSigmas) return karrasWhole.grid(process, steps, options)
    const levels = multistepTimestepGrid(process.asked, steps).map((timestep) => process.level(process.sigmaAt(timestep), timestep))
    return falling(process, levels, true)
  },
}
