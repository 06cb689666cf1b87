// DPM-Solver++(2S) (Lu et al. 2022, "DPM-Solver++", Algorithm 1) to a lower noise level than the next, then fresh noise up to it.
// Source: crowsonkb/k-diffusion, k_diffusion/sampling.py (sample_dpmpp_2s_ancestral).
import { combine } from '../processes/combine.ts'
import { karras } from '../schedules/karras.ts'
import { ancestral, ancestralOptions } from './ancestral.ts'
import type { Sampler } from './sampler.ts'

export const dpmpp2sAncestral: Sampler<typeof ancestralOptions> = {
  name: 'dpmpp-2s-ancestral',
  title: 'DPM++ 2S a',
  written: 'DPM++ 2S a',
  schedule: karras,
  automatic: karras,
  aliases: ['dpmpp_2s_a', 'dpmpp_2s_ancestral'],
  coordinates: 'straight',
  twice: true,
  options: ancestralOptions,
  async *sample({ start, steps }, { eta, s_noise }) {
    let x = start
    for (const { at, next, level, denoise, noise, done } of steps()) {
      const { denoised } = await denoise(x)
      const { down, up } = ancestral(at.sigma, next.sigma, eta)
      if (down > 0) {
        const middle = level(Math.sqrt(at.sigma * down))
        const there = middle.sigma / at.sigma
        const { denoised: d2 } = await denoise(combine([there, x], [1 - there, denoised]), middle)
        x = combine([down / at.sigma, x], [1 - down / at.sigma, d2])
      } else x = denoised
      if (up > 0) x = combine([1, x], [s_noise * up, noise()])
      yield done(x, denoised)
    }
    return x
  },
}
