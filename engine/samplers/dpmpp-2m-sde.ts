// DPM-Solver++(2M) of the stochastic equation: the clean latent extrapolated from two steps, and fresh noise of one path.
// Source: crowsonkb/k-diffusion, k_diffusion/sampling.py (sample_dpmpp_2m_sde).
import { z } from 'zod'
import { combine } from '../processes/combine.ts'
import { exponential } from '../schedules/exponential.ts'
import type { Sampler } from './sampler.ts'
import { freshNoise, sdeOptions } from './sde-options.ts'

export const solverOption = (usual: 'midpoint' | 'heun') =>
  z.enum(['midpoint', 'heun']).default(usual).meta({
    description: 'how the change from the step before counts: at its middle, or over the whole step',
    written: 'SDE solver',
  })

const options = sdeOptions.extend({ solverType: solverOption('midpoint') })

export const dpmpp2mSde: Sampler<typeof options> = {
  name: 'dpmpp-2m-sde',
  title: 'DPM++ 2M SDE',
  written: 'DPM++ 2M SDE',
  schedule: exponential,
  automatic: exponential,
  aliases: ['dpmpp_2m_sde', 'dpmpp_2m_sde_gpu'],
  coordinates: 'straight',
  options,
  async *sample({ start, steps }, { eta, s_noise, solverType }) {
    let x = start
    let previous: { readonly denoised: Float32Array; readonly h: number } | undefined
    for (const { at, next, denoise, path, done } of steps()) {
      const { denoised } = await denoise(x)
      // With nearly as many steps as timesteps two of them round to one: such a step changes nothing.
      if (at.sigma === next.sigma) {
        yield done(x, denoised)
        continue
      }
      if (next.sigma > 0) {
        const h = Math.log(at.sigma / next.sigma)
        const whole = h * (1 + eta)
        const taken = -Math.expm1(-whole)
        // How much of the change since the step before is added.
        const change = previous ? ((solverType === 'heun' ? 1 - taken / whole : 0.5 * taken) * h) / previous.h : 0
        x = combine(
          [Math.exp(-whole), x],
          [taken + change, denoised],
          ...(previous ? [[-change, previous.denoised] as const] : []),
          ...(eta > 0 ? [[next.sigma * freshNoise(h, eta) * s_noise, path(at, next)] as const] : []),
        )
        previous = { denoised, h }
      } else x = denoised
      yield done(x, denoised)
    }
    return x
  },
}
