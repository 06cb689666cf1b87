// Karras et al. 2022, Algorithm 2 without its second-order correction and churn.
import { combine } from '../processes/combine.ts'
import { checkpoint } from '../schedules/checkpoint.ts'
import type { Sampler } from './sampler.ts'

export const euler: Sampler = {
  name: 'euler',
  title: 'Euler',
  written: 'Euler',
  schedule: checkpoint,
  aliases: ['EulerDiscreteScheduler'],
  coordinates: 'straight',
  async *sample({ start, steps }) {
    let x = start
    for (const { at, next, denoise, done } of steps()) {
      const { denoised } = await denoise(x)
      // x + (x − D)/σ · (σ′ − σ), gathered so that a first σ of 4096 cancels in the coefficients and not in the pixels.
      x = combine([next.sigma / at.sigma, x], [1 - next.sigma / at.sigma, denoised])
      yield done(x, denoised)
    }
    return x
  },
}
