// As diffusers' Euler takes them: timesteps as the checkpoint spaces them, or Karras' noise levels between their ends where it asks for these.
import { karrasSigmas } from './karras-sigmas.ts'
import { falling, type Schedule } from './schedule.ts'
import { spaced } from './spaced.ts'

export const checkpoint: Schedule = {
  name: 'checkpoint',
  type: 'checkpoint',
  grid(process, steps) {
    const grid = spaced.grid(process, steps)
    if (!process.asked.karrasSigmas) return grid
    const sigmas = karrasSigmas(steps, grid.steps[steps - 1]?.at.sigma ?? 0, grid.steps[0]?.at.sigma ?? 0)
    return falling(
      process,
      sigmas.map((sigma) => process.level(sigma)),
      grid.pure,
    )
  },
}
