// Karras' noise levels between the ends of the whole training table, whatever the spacing, told as whole timesteps: diffusers' DPM++.
import { karrasSigmas } from './karras-sigmas.ts'
import { falling, type Schedule } from './schedule.ts'
import { roundHalfEven } from './timesteps.ts'

export const karrasWhole: Schedule = {
  name: 'karras-whole',
  type: 'karras',
  grid(process, steps) {
    const sigmas = karrasSigmas(steps, process.sigmaMin, process.sigmaMax)
    const levels = sigmas.map((sigma) => process.level(sigma, roundHalfEven(process.timestepOf(sigma))))
    return falling(process, levels, true)
  },
}
