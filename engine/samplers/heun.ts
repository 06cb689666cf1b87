// Karras et al. 2022, Algorithm 2: noise added up to σ̂ (churn), an Euler step, and the mean of the slopes at its two ends.
// Reference: crowsonkb/k-diffusion, sample_heun, on the noise levels of A1111.
import { combine } from '../processes/combine.ts'
import { uniform } from '../schedules/uniform.ts'
import { churned, churnOptions } from './churn.ts'
import type { Sampler } from './sampler.ts'

export const heun: Sampler<typeof churnOptions> = {
  name: 'heun',
  title: 'Heun',
  written: 'Heun',
  schedule: uniform,
  aliases: ['k_heun', 'HeunDiscreteScheduler'],
  coordinates: 'straight',
  twice: true,
  options: churnOptions,
  async *sample(run, options) {
    let state = run.start
    for (const step of run.steps()) {
      const { x, at } = churned(state, step, run, options)
      const [hat, next] = [at.sigma, step.next.sigma]
      const { denoised: d1 } = await step.denoise(x, at)
      // As in Euler, gathered so that a first σ of 4096 cancels in the coefficients and not in the pixels.
      const euler = combine([next / hat, x], [1 - next / hat, d1])
      if (next > 0) {
        const { denoised: d2 } = await step.denoise(euler, step.next)
        const h = next - hat
        state = combine([next / hat, x], [-h / (2 * hat) - (h * h) / (2 * next * hat), d1], [-h / (2 * next), d2])
      } else state = euler
      yield step.done(state, d1)
    }
    return state
  },
}
