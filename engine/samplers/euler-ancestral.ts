// Euler to a lower noise level than the next, then fresh noise up to it.
import { combine } from '../schedules/combine.ts'
import { eulerGrid, firstSigma, gridSteps, veDenoised, veStart, vpScales } from './coordinates.ts'
import type { Sampler } from './sampler.ts'

export const eulerAncestral: Sampler = {
  name: 'euler-ancestral',
  title: 'Euler a',
  written: 'Euler a',
  schedule: 'uniform',
  aliases: ['Euler ancestral', 'EulerAncestralDiscreteScheduler'],
  async *sample(input) {
    const { schedule, steps, eta = 1 } = input
    const grid = eulerGrid(schedule, steps)
    let x = veStart(input, firstSigma(input, grid))
    for (const { step, timestep, sigma, next } of gridSteps(input, grid)) {
      const [alpha] = vpScales(sigma)
      const output = await input.model(combine([alpha, x]), timestep, step)
      const denoised = veDenoised(schedule.config.prediction, x, output, sigma)
      const up = Math.min(next, eta * (next / sigma) * Math.sqrt(sigma * sigma - next * next))
      const down = Math.sqrt(next * next - up * up)
      x = combine([down / sigma, x], [1 - down / sigma, denoised])
      if (up > 0) x = combine([1, x], [up, input.stepNoise(step)])
      yield { step, steps, timestep, latents: x, denoised }
    }
    return x
  },
}
