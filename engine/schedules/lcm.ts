// Evenly among the timesteps that consistency models were distilled on: every so many of the training table, from its end.
// Source: huggingface/diffusers, scheduling_lcm.py and scheduling_tcd.py.
import { z } from 'zod'
import { falling, type Schedule } from './schedule.ts'
import { checkSteps } from './timesteps.ts'

const options = z.object({
  originalSteps: z.int().min(1).max(1000).default(50).meta({
    description: 'how many timesteps a consistency model was distilled on; more steps than that are taken among as many',
    written: 'LCM original steps',
    step: 1,
  }),
})

export const lcm: Schedule<typeof options> = {
  name: 'lcm',
  title: 'LCM (diffusers)',
  aliases: ['lcm'],
  kind: 'sigmas',
  options,
  grid(process, steps, { originalSteps }) {
    checkSteps(process.asked, steps)
    const { trainSteps } = process.asked
    const count = Math.min(trainSteps, Math.max(steps, originalSteps))
    const stride = Math.floor(trainSteps / count)
    const timesteps = Array.from({ length: steps }, (_, i) => (count - Math.floor((i * count) / steps)) * stride - 1)
    return falling(
      process,
      timesteps.map((timestep) => process.level(process.sigmaAt(timestep), timestep)),
      true,
    )
  },
}
