// Zheng et al. 2024, "Trajectory Consistency Distillation": each step goes below the next noise level, by η, and back up by fresh noise.
// Source: huggingface/diffusers, scheduling_tcd.py. The last ends at the first timestep.
import { z } from 'zod'
import { combine } from '../processes/combine.ts'
import { lcm as lcmSchedule } from '../schedules/lcm.ts'
import type { Sampler } from './sampler.ts'
import { wholeLevel } from './whole-level.ts'

const options = z.object({
  eta: z.number().min(0).max(1).default(0.3).meta({
    description: 'how far below the next level a step goes, to come back up by fresh noise',
    written: 'TCD eta',
    step: 0.05,
  }),
})

export const tcd: Sampler<typeof options> = {
  name: 'tcd',
  title: 'TCD',
  written: 'TCD',
  schedule: lcmSchedule,
  automatic: lcmSchedule,
  aliases: ['TCDScheduler'],
  coordinates: 'scaled',
  options,
  async *sample({ process, start, steps }, { eta }) {
    let x = start
    for (const { at, next, denoise, noise, done } of steps()) {
      const level = wholeLevel(process, at)
      const { output, denoised } = await denoise(x, level)
      const to = next.sigma > 0 ? wholeLevel(process, next) : process.levelAt(0)
      // Without η the step ends where the next begins, and no timestep is rounded.
      const below = eta > 0 ? process.levelAt(Math.floor((1 - eta) * to.timestep)) : to
      x = combine([below.alpha, denoised], [below.s, process.noiseIn(x, output, level)])
      const kept = to.alpha / below.alpha
      if (next.sigma > 0 && kept < 1) x = combine([kept, x], [Math.sqrt(1 - kept * kept), noise()])
      yield done(x, denoised)
    }
    return x
  },
}
