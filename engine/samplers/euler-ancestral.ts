// Euler to a lower noise level than the next, then fresh noise up to it.
import { z } from 'zod'
import { combine } from '../schedules/combine.ts'
import { eulerGrid, firstSigma, gridSteps, veDenoised, veStart, vpScales } from './coordinates.ts'
import type { Sampler } from './sampler.ts'

const options = z.object({
  eta: z.number().min(0).max(1).default(1).meta({
    description: 'how much of the noise that a step takes away comes back as fresh noise',
    written: 'Eta',
    step: 0.05,
  }),
})

export const eulerAncestral: Sampler<typeof options> = {
  name: 'euler-ancestral',
  title: 'Euler a',
  written: 'Euler a',
  schedule: 'uniform',
  aliases: ['Euler ancestral', 'EulerAncestralDiscreteScheduler'],
  options,
  async *sample(input, { eta }) {
    const { schedule, steps } = input
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
