// DPM-Solver++ (2S) of the stochastic equation: two ancestral steps, the first to a level between, whose noise lies on one path.
// Source: crowsonkb/k-diffusion, k_diffusion/sampling.py (sample_dpmpp_sde).
import { z } from 'zod'
import { combine } from '../processes/combine.ts'
import { karras } from '../schedules/karras.ts'
import { ancestral, ancestralOptions } from './ancestral.ts'
import type { Sampler } from './sampler.ts'

const options = ancestralOptions.extend({
  sdeR: z.number().min(0.05).max(1).default(0.5).meta({
    description: 'where in a step the model is asked for the second time, by ln σ',
    written: 'SDE r',
    step: 0.05,
  }),
})

export const dpmppSde: Sampler<typeof options> = {
  name: 'dpmpp-sde',
  title: 'DPM++ SDE',
  written: 'DPM++ SDE',
  schedule: karras,
  automatic: karras,
  aliases: ['dpmpp_sde', 'dpmpp_sde_gpu', 'DPMSolverSDEScheduler'],
  coordinates: 'straight',
  twice: true,
  options,
  async *sample({ start, steps }, { eta, s_noise, sdeR: r }) {
    let x = start
    for (const { at, next, level, denoise, path, done } of steps()) {
      const { denoised } = await denoise(x)
      if (next.sigma > 0) {
        const between = level(at.sigma * (next.sigma / at.sigma) ** r)
        const first = ancestral(at.sigma, between.sigma, eta)
        const kept = first.down / at.sigma
        let x2 = combine([kept, x], [1 - kept, denoised])
        if (first.up > 0) x2 = combine([1, x2], [s_noise * first.up, path(at, between)])
        const { denoised: d2 } = await denoise(x2, between)
        const whole = ancestral(at.sigma, next.sigma, eta)
        const left = whole.down / at.sigma
        const share = 1 / (2 * r)
        x = combine([left, x], [(1 - left) * (1 - share), denoised], [(1 - left) * share, d2])
        if (whole.up > 0) x = combine([1, x], [s_noise * whole.up, path(at, next)])
      } else x = denoised
      yield done(x, denoised)
    }
    return x
  },
}
