// Lu et al. 2022, "DPM-Solver++", Algorithm 2: the clean latent extrapolated over λ = −ln σ from this step and the one before.
import type { NoiseSchedule } from '../schedules/noise-schedule.ts'
import { combine } from '../schedules/combine.ts'
import { firstSigma, gridSteps, multistepGrid, type SigmaGrid, vpDenoised, vpScales, vpStart } from './coordinates.ts'
import type { Sampler } from './sampler.ts'

export const dpmpp2m: Sampler = {
  name: 'dpmpp-2m',
  title: 'DPM++ 2M (diffusers)',
  written: 'DPM++ 2M (diffusers)',
  schedule: 'checkpoint',
  aliases: ['DPMSolverMultistepScheduler'],
  sample: secondOrder(multistepGrid),
}

/** The solver over any grid of noise levels, from the state that a program begins with. */
export function secondOrder(gridOf: (schedule: NoiseSchedule, steps: number) => SigmaGrid, start = vpStart): Sampler['sample'] {
  return async function* (input) {
    const { schedule, steps } = input
    const grid = gridOf(schedule, steps)
    let x = start(input, ...vpScales(firstSigma(input, grid)))
    let previous: { readonly denoised: Float32Array; readonly h: number } | undefined
    for (const { step, timestep, sigma, next } of gridSteps(input, grid)) {
      const [alpha, s] = vpScales(sigma)
      const [alphaNext, sNext] = vpScales(next)
      const output = await input.model(x, timestep, step)
      const denoised = vpDenoised(schedule.config.prediction, x, output, alpha, s)
      const h = Math.log(sigma / next)
      // With nearly as many steps as timesteps two of them round to one: such a step changes nothing.
      if (h === 0) {
        yield { step, steps, timestep, latents: x, denoised }
        continue
      }
      // The first step has nothing to extrapolate from; at the last h is infinite and the clean latent itself is the answer.
      const r = previous && next > 0 ? previous.h / h : Infinity
      const extrapolated = previous ? combine([1 + 1 / (2 * r), denoised], [-1 / (2 * r), previous.denoised]) : denoised
      x = combine([sNext / s, x], [-alphaNext * Math.expm1(-h), extrapolated])
      previous = { denoised, h }
      yield { step, steps, timestep, latents: x, denoised }
    }
    return x
  }
}
