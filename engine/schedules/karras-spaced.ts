// As diffusers' Euler takes them: Karras' noise levels between the ends of the timesteps that the checkpoint spaces.
import { karrasSigmas } from './karras-sigmas.ts'
import { falling, type Schedule } from './schedule.ts'
import { spaced } from './spaced.ts'

export const karrasSpaced: Schedule = {
  name: 'karras-spaced',
  title: 'Karras (diffusers, spaced)',
  written: 'Karras',
  aliases: ['karras', 'k'],
  kind: 'sigmas',
  grid(process, steps, options) {
    const grid = spaced.grid(process, steps, options)
    const sigmas = karrasSigmas(steps, grid.steps[steps - 1]?.at.sigma ?? 0, grid.steps[0]?.at.sigma ?? 0)
    return falling(
      process,
      sigmas.map((sigma) => process.level(sigma)),
      grid.pure,
    )
  },
}
