// Karras' noise levels between the ends of the whole training table, whatever the spacing, told as whole timesteps: diffusers' DPM++.
import { karrasSigmas } from './karras-sigmas.ts'
import { falling, type Schedule } from './schedule.ts'
import { checkSteps, roundHalfEven } from './timesteps.ts'

export const karrasWhole: Schedule = {
  name: 'karras-whole',
  title: 'Karras (diffusers, whole timesteps)',
  written: 'Karras',
  aliases: [],
  kind: 'sigmas',
  grid(process, steps) {
    checkSteps(process.asked, steps)
    const sigmas = karrasSigmas(steps, process.sigmaMin, process.sigmaMax)
    const levels = sigmas.map((sigma) => process.level(sigma, roundHalfEven(process.timestepOf(sigma))))
    return falling(process, levels, true)
  },
}
