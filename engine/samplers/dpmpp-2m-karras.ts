import { karrasSigmas } from '../schedules/karras.ts'
import type { NoiseSchedule } from '../schedules/noise-schedule.ts'
import { roundHalfEven } from '../schedules/timesteps.ts'
import type { SigmaGrid } from './coordinates.ts'
import { secondOrder } from './dpmpp-2m.ts'
import type { Sampler } from './sampler.ts'

export const dpmpp2mKarras: Sampler = { name: 'dpmpp-2m-karras', title: 'DPM++ 2M Karras', sample: secondOrder(karrasGrid) }

/** Karras noise levels between the ends of the whole training table, whatever the spacing; timesteps are rounded to whole ones. */
function karrasGrid(schedule: NoiseSchedule, steps: number): SigmaGrid {
  const sigmas = karrasSigmas(steps, schedule.sigmas[0] ?? 0, schedule.sigmas.at(-1) ?? 0)
  return { timesteps: sigmas.map((sigma) => roundHalfEven(schedule.timestepOf(sigma))), sigmas: [...sigmas, 0] }
}
