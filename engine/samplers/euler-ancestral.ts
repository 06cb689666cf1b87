// Euler to a lower noise level than the next, then fresh noise up to it.
import { z } from 'zod'
import { combine } from '../processes/combine.ts'
import { spaced } from '../schedules/spaced.ts'
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
  schedule: spaced,
  aliases: ['Euler ancestral', 'EulerAncestralDiscreteScheduler'],
  coordinates: 'straight',
  options,
  async *sample({ start, steps }, { eta }) {
    let x = start
    for (const { at, next: to, denoise, noise, done } of steps()) {
      const { denoised } = await denoise(x)
      const [sigma, next] = [at.sigma, to.sigma]
      const up = Math.min(next, eta * (next / sigma) * Math.sqrt(sigma * sigma - next * next))
      const down = Math.sqrt(next * next - up * up)
      x = combine([down / sigma, x], [1 - down / sigma, denoised])
      if (up > 0) x = combine([1, x], [up, noise()])
      yield done(x, denoised)
    }
    return x
  },
}
