// Karras et al. 2022, Algorithm 2: noise added up to σ̂ (churn), an Euler step, and the mean of the slopes at its two ends.
// Reference: crowsonkb/k-diffusion, sample_heun, on the noise levels of A1111.
import { z } from 'zod'
import { combine } from '../schedules/combine.ts'
import { a1111UniformGrid } from './a1111-grid.ts'
import { firstSigma, gridSteps, veDenoised, vpScales } from './coordinates.ts'
import type { Sampler } from './sampler.ts'

const options = z.object({
  s_churn: z.number().min(0).max(100).default(0).meta({
    description: 'noise added before each step, shared out over all of them',
    written: 'Sigma churn',
    step: 0.5,
  }),
  s_tmin: z.number().min(0).max(1000).default(0).meta({
    description: 'noise level below which none is added',
    written: 'Sigma tmin',
    step: 0.1,
  }),
  s_tmax: z.number().min(0).max(1000).default(0).meta({
    description: 'noise level above which none is added, 0 for no end',
    written: 'Sigma tmax',
    step: 1,
  }),
  s_noise: z.number().min(0).max(2).default(1).meta({
    description: 'spread of the added noise',
    written: 'Sigma noise',
    step: 0.01,
  }),
})

export const heun: Sampler<typeof options> = {
  name: 'heun',
  title: 'Heun',
  written: 'Heun',
  schedule: 'uniform',
  aliases: ['k_heun', 'HeunDiscreteScheduler'],
  options,
  async *sample(input, { s_churn, s_tmin, s_tmax, s_noise }) {
    const { schedule, steps, startAt, noise } = input
    const { prediction } = schedule.config
    const grid = a1111UniformGrid(schedule, steps)
    const denoised = async (x: Float32Array, sigma: number, timestep: number, step: number): Promise<Float32Array> =>
      veDenoised(prediction, x, await input.model(combine([vpScales(sigma)[0], x]), timestep, step), sigma)

    const first = firstSigma(input, grid)
    let x = startAt ? combine([1, startAt.latents], [first, noise]) : combine([first, noise])
    for (const { step, timestep, sigma, next } of gridSteps(input, grid)) {
      const churned = sigma >= s_tmin && sigma <= (s_tmax || Infinity)
      const gamma = churned ? Math.min(s_churn / steps, Math.SQRT2 - 1) : 0
      const hat = sigma * (1 + gamma)
      if (gamma > 0) x = combine([1, x], [s_noise * Math.sqrt(hat * hat - sigma * sigma), input.stepNoise(step)])
      const d1 = await denoised(x, hat, gamma > 0 ? schedule.timestepOf(hat) : timestep, step)
      // As in Euler, gathered so that a first σ of 4096 cancels in the coefficients and not in the pixels.
      const euler = combine([next / hat, x], [1 - next / hat, d1])
      if (next > 0) {
        const d2 = await denoised(euler, next, grid.timesteps[step + 1] ?? 0, step)
        const h = next - hat
        x = combine([next / hat, x], [-h / (2 * hat) - (h * h) / (2 * next * hat), d1], [-h / (2 * next), d2])
      } else x = euler
      yield { step, steps, timestep, latents: x, denoised: d1 }
    }
    return x
  },
}
