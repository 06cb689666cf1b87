// Karras et al. 2022, Algorithm 2 without its second-order correction and churn.
import { combine } from '../schedules/combine.ts'
import { eulerGrid, firstSigma, gridSteps, karrasEulerGrid, veDenoised, veStart, vpScales } from './coordinates.ts'
import type { Sampler } from './sampler.ts'

export const euler: Sampler = {
  name: 'euler',
  title: 'Euler',
  written: 'Euler',
  schedule: 'checkpoint',
  aliases: ['EulerDiscreteScheduler'],
  async *sample(input) {
    const { schedule, steps } = input
    const grid = (schedule.config.karrasSigmas ? karrasEulerGrid : eulerGrid)(schedule, steps)
    let x = veStart(input, firstSigma(input, grid))
    for (const { step, timestep, sigma, next } of gridSteps(input, grid)) {
      const [alpha] = vpScales(sigma)
      const output = await input.model(combine([alpha, x]), timestep, step)
      const denoised = veDenoised(schedule.config.prediction, x, output, sigma)
      // x + (x − D)/σ · (σ′ − σ), gathered so that a first σ of 4096 cancels in the coefficients and not in the pixels.
      x = combine([next / sigma, x], [1 - next / sigma, denoised])
      yield { step, steps, timestep, latents: x, denoised }
    }
    return x
  },
}
