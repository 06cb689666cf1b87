// Luo et al. 2023, "Latent Consistency Models": each step goes all the way to the clean latent, and back up by fresh noise.
// Sources: huggingface/diffusers, scheduling_lcm.py; comfyanonymous/ComfyUI, comfy/k_diffusion/sampling.py (sample_lcm).
import { z } from 'zod'
import { combine } from '../processes/combine.ts'
import { lcm as lcmSchedule } from '../schedules/lcm.ts'
import type { Sampler } from './sampler.ts'
import { wholeLevel } from './whole-level.ts'

const options = z.object({
  boundary: z.boolean().default(true).meta({
    description: 'as trained: at the lowest timesteps the state counts beside the clean latent; ComfyUI has it without',
    written: 'LCM boundary',
  }),
})

/** The data's spread and how a timestep counts, in the weights of the boundary. */
const [sigmaData, timestepScaling] = [0.5, 10]

export const lcm: Sampler<typeof options> = {
  name: 'lcm',
  title: 'LCM',
  written: 'LCM',
  schedule: lcmSchedule,
  automatic: lcmSchedule,
  aliases: ['LCMScheduler', 'k_lcm'],
  coordinates: 'scaled',
  options,
  as: { comfyui: { boundary: false } },
  async *sample({ process, start, steps }, { boundary }) {
    let x = start
    for (const { at, next, denoise, noise, done } of steps()) {
      const { denoised } = await denoise(x, wholeLevel(process, at))
      const scaled = at.timestep * timestepScaling
      const root = Math.hypot(scaled, sigmaData)
      const clean = boundary ? combine([scaled / root, denoised], [(sigmaData / root) ** 2, x]) : denoised
      const to = wholeLevel(process, next)
      x = next.sigma > 0 ? combine([to.alpha, clean], [to.s, noise()]) : clean
      yield done(x, denoised)
    }
    return x
  },
}
