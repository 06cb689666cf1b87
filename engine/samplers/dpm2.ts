// DPM-Solver-2 in σ (Lu et al. 2022), with churn: the slope in the middle of ln σ takes the whole step.
// Source: crowsonkb/k-diffusion, k_diffusion/sampling.py (sample_dpm_2).
import { combine } from '../processes/combine.ts'
import { karras } from '../schedules/karras.ts'
import { churned, churnOptions } from './churn.ts'
import { discardOption } from './discarding.ts'
import type { Sampler } from './sampler.ts'

const options = churnOptions.extend({ discard: discardOption(true) })

export const dpm2: Sampler<typeof options> = {
  name: 'dpm2',
  title: 'DPM2',
  written: 'DPM2',
  schedule: karras,
  automatic: karras,
  aliases: ['dpm_2', 'k_dpm_2', 'kdpm_2', 'KDPM2DiscreteScheduler'],
  coordinates: 'straight',
  twice: true,
  options,
  discards: ({ discard }) => discard,
  async *sample(run, options) {
    let state = run.start
    for (const step of run.steps()) {
      const { x, at } = churned(state, step, run, options)
      const [hat, next] = [at.sigma, step.next.sigma]
      const { denoised: d1 } = await step.denoise(x, at)
      if (next > 0) {
        const middle = step.level(Math.sqrt(hat * next))
        const there = middle.sigma / hat
        const { denoised: d2 } = await step.denoise(combine([there, x], [1 - there, d1]), middle)
        const h = (next - hat) / middle.sigma
        // x + h·(x₂ − D₂) with x₂ written out, so that a first σ of 4096 cancels in the coefficients.
        state = combine([next / hat, x], [h * (1 - there), d1], [-h, d2])
      } else state = d1
      yield step.done(state, d1)
    }
    return state
  },
}
