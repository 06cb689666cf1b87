// Song et al. 2021, "Denoising Diffusion Implicit Models", equation 12.
import { z } from 'zod'
import { roundHalfEven, timestepGrid } from '../schedules/timesteps.ts'
import { combine } from '../schedules/combine.ts'
import { vpDenoised, vpStart } from './coordinates.ts'
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
  aliases: ['DDIMScheduler'],
  options,
  async *sample(input, { eta }) {
    const { schedule, steps } = input
    const { config, alphasCumprod } = schedule
    const timesteps = timestepGrid(config, steps, 'leading').map(roundHalfEven)
    const stride = Math.floor(config.trainSteps / steps)
    const alphaBar = (timestep: number): number => (timestep < 0 ? schedule.finalAlphaCumprod : (alphasCumprod[timestep] ?? 0))

    const first = input.startAt?.step ?? 0
    const start = alphaBar(timesteps[first] ?? 0)
    let x = vpStart(input, Math.sqrt(start), Math.sqrt(1 - start))
    for (let step = first; step < timesteps.length; step++) {
      input.signal?.throwIfAborted()
      const timestep = timesteps[step] ?? 0
      const now = alphaBar(timestep)
      // One stride down, not the next of the grid: the two differ where the stride does not divide the range.
      const next = alphaBar(timestep - stride)
      const [alpha, s] = [Math.sqrt(now), Math.sqrt(1 - now)]

      const output = await input.model(x, timestep, step)
      const denoised = clipped(vpDenoised(config.prediction, x, output, alpha, s), config.clipSample)
      const epsilon = config.prediction === 'epsilon' ? output : combine([alpha, output], [s, x])

      const fresh = eta * Math.sqrt(((1 - next) / (1 - now)) * (1 - now / next))
      const kept = Math.sqrt(Math.max(0, 1 - next - fresh * fresh))
      x = combine([Math.sqrt(next), denoised], [kept, epsilon])
      if (fresh > 0) x = combine([1, x], [fresh, input.stepNoise(step)])
      yield { step, steps, timestep, latents: x, denoised }
    }
    return x
  },
}

const clipped = (x: Float32Array, bound: number | undefined): Float32Array =>
  bound === undefined ? x : x.map((value) => Math.min(bound, Math.max(-bound, value)))
