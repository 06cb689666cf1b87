// Karras et al. 2022, Algorithm 2 without its second-order correction.
import { combine } from '../processes/combine.ts'
import { checkpoint } from '../schedules/checkpoint.ts'
import { churned, churnOptions } from './churn.ts'
import type { Sampler } from './sampler.ts'

export const euler: Sampler<typeof churnOptions> = {
  name: 'euler',
  title: 'Euler',
  written: 'Euler',
  schedule: checkpoint,
  aliases: ['EulerDiscreteScheduler'],
  coordinates: 'straight',
  options: churnOptions,
  async *sample(run, options) {
    let state = run.start
    for (const step of run.steps()) {
      const { x, at } = churned(state, step, run, options)
      const { denoised } = await step.denoise(x, at)
      // x + (x − D)/σ · (σ′ − σ), gathered so that a first σ of 4096 cancels in the coefficients and not in the pixels.
      const kept = step.next.sigma / at.sigma
      state = combine([kept, x], [1 - kept, denoised])
      yield step.done(state, denoised)
    }
    return state
  },
}
