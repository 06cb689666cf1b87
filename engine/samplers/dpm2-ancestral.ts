// DPM-Solver-2 to a lower noise level than the next, then fresh noise up to it.
// Source: crowsonkb/k-diffusion, k_diffusion/sampling.py (sample_dpm_2_ancestral).
import { combine } from '../processes/combine.ts'
import { karras } from '../schedules/karras.ts'
import { ancestral, ancestralOptions } from './ancestral.ts'
import { discardOption } from './discarding.ts'
import type { Sampler } from './sampler.ts'

const options = ancestralOptions.extend({ discard: discardOption(true) })

export const dpm2Ancestral: Sampler<typeof options> = {
  name: 'dpm2-ancestral',
  title: 'DPM2 a',
  written: 'DPM2 a',
  schedule: karras,
  automatic: karras,
  aliases: ['dpm_2_ancestral', 'k_dpm_2_a', 'DPM2 ancestral', 'kdpm_2_a', 'KDPM2AncestralDiscreteScheduler'],
  coordinates: 'straight',
  twice: true,
  options,
  discards: ({ discard }) => discard,
  async *sample({ start, steps }, { eta, s_noise }) {
    let x = start
    for (const { at, next, level, denoise, noise, done } of steps()) {
      const { denoised } = await denoise(x)
      const { down, up } = ancestral(at.sigma, next.sigma, eta)
      if (down > 0) {
        const middle = level(Math.sqrt(at.sigma * down))
        const there = middle.sigma / at.sigma
        const { denoised: d2 } = await denoise(combine([there, x], [1 - there, denoised]), middle)
        const h = (down - at.sigma) / middle.sigma
        x = combine([down / at.sigma, x], [h * (1 - there), denoised], [-h, d2])
        if (up > 0) x = combine([1, x], [s_noise * up, noise()])
      } else x = denoised
      yield done(x, denoised)
    }
    return x
  },
}
