// Song et al. 2021, "Denoising Diffusion Implicit Models", equation 12.
import { z } from 'zod'
import { combine } from '../processes/combine.ts'
import { strided } from '../schedules/strided.ts'
import type { Sampler } from './sampler.ts'

const options = z.object({
  eta: z.number().min(0).max(1).default(0).meta({
    description: 'how much of the noise that a step takes away comes back as fresh noise',
    written: 'Eta DDIM',
    step: 0.05,
  }),
})

export const ddim: Sampler<typeof options> = {
  name: 'ddim',
  title: 'DDIM',
  written: 'DDIM',
  schedule: strided,
  aliases: ['DDIMScheduler'],
  coordinates: 'scaled',
  options,
  async *sample({ process, start, steps }, { eta }) {
    let x = start
    for (const { at, next, denoise, noise, done } of steps()) {
      const { output, denoised: free } = await denoise(x)
      const denoised = clipped(free, process.clip)
      const { kept, fresh } = process.renewed(at, next, eta)
      x = combine([next.alpha, denoised], [kept, process.noiseIn(x, output, at)])
      if (fresh > 0) x = combine([1, x], [fresh, noise()])
      yield done(x, denoised)
    }
    return x
  },
}

const clipped = (x: Float32Array, bound: number | undefined): Float32Array =>
  bound === undefined ? x : x.map((value) => Math.min(bound, Math.max(-bound, value)))
