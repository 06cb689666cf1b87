// Lu et al. 2022, "DPM-Solver++", Algorithm 2: the clean latent extrapolated over λ = ln(α/s) from this step and the one before.
import { combine } from '../processes/combine.ts'
import { multistep } from '../schedules/multistep.ts'
import type { Sampler } from './sampler.ts'

export const dpmpp2m: Sampler = {
  name: 'dpmpp-2m',
  title: 'DPM++ 2M (diffusers)',
  written: 'DPM++ 2M (diffusers)',
  schedule: multistep,
  aliases: ['DPMSolverMultistepScheduler'],
  coordinates: 'scaled',
  async *sample({ start, steps }) {
    let x = start
    let previous: { readonly denoised: Float32Array; readonly h: number } | undefined
    for (const { at, next, denoise, done } of steps()) {
      const { denoised } = await denoise(x)
      const h = Math.log(at.ratio / next.ratio)
      // With nearly as many steps as timesteps two of them round to one: such a step changes nothing.
      if (h === 0) {
        yield done(x, denoised)
        continue
      }
      // The first step has nothing to extrapolate from; at the last h is infinite and the clean latent itself is the answer.
      const r = previous && next.sigma > 0 ? previous.h / h : Infinity
      const extrapolated = previous ? combine([1 + 1 / (2 * r), denoised], [-1 / (2 * r), previous.denoised]) : denoised
      x = combine([next.s / at.s, x], [-next.alpha * Math.expm1(-h), extrapolated])
      previous = { denoised, h }
      yield done(x, denoised)
    }
    return x
  },
}
