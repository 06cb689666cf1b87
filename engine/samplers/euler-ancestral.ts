// Euler to a lower noise level than the next, then fresh noise up to it.
import { combine } from '../processes/combine.ts'
import { spaced } from '../schedules/spaced.ts'
import { ancestral, ancestralOptions } from './ancestral.ts'
import type { Sampler } from './sampler.ts'

export const eulerAncestral: Sampler<typeof ancestralOptions> = {
  name: 'euler-ancestral',
  title: 'Euler a',
  written: 'Euler a',
  schedule: spaced,
  aliases: ['Euler ancestral', 'EulerAncestralDiscreteScheduler'],
  coordinates: 'straight',
  options: ancestralOptions,
  async *sample({ start, steps }, { eta, s_noise }) {
    let x = start
    for (const { at, next, denoise, noise, done } of steps()) {
      const { denoised } = await denoise(x)
      const { down, up } = ancestral(at.sigma, next.sigma, eta)
      x = combine([down / at.sigma, x], [1 - down / at.sigma, denoised])
      if (up > 0) x = combine([1, x], [s_noise * up, noise()])
      yield done(x, denoised)
    }
    return x
  },
}
