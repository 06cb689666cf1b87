// Linear multistep: the slopes of the last steps as a polynomial in σ, integrated over the step (Adams–Bashforth on an uneven grid).
// Source: crowsonkb/k-diffusion, k_diffusion/sampling.py (sample_lms).
import { z } from 'zod'
import { combine } from '../processes/combine.ts'
import { uniform } from '../schedules/uniform.ts'
import type { Sampler } from './sampler.ts'

const options = z.object({
  solverOrder: z
    .int()
    .min(1)
    .max(4)
    .default(4)
    .meta({ description: 'of how many steps the slopes are used', written: 'LMS order', step: 1 }),
})

export const lms: Sampler<typeof options> = {
  name: 'lms',
  title: 'LMS',
  written: 'LMS',
  schedule: uniform,
  aliases: ['k_lms', 'LMSDiscreteScheduler'],
  coordinates: 'straight',
  options,
  async *sample({ start, steps }, { solverOrder }) {
    let x = start
    // The latest first.
    let slopes: { readonly x: Float32Array; readonly denoised: Float32Array; readonly sigma: number }[] = []
    for (const { at, next, denoise, done } of steps()) {
      const { denoised } = await denoise(x)
      // With nearly as many steps as timesteps two of them round to one: such a step changes nothing.
      if (at.sigma === next.sigma) {
        yield done(x, denoised)
        continue
      }
      slopes = [{ x, denoised, sigma: at.sigma }, ...slopes].slice(0, solverOrder)
      const sigmas = slopes.map(({ sigma }) => sigma)
      // Each slope (x − D)/σ stays in two terms, so that a first σ of 4096 cancels in the coefficients and not in the pixels.
      const terms = slopes.flatMap((slope, j) => {
        const weight = integral((sigma) => basis(sigmas, j, sigma), at.sigma, next.sigma) / slope.sigma
        return [[(j === 0 ? 1 : 0) + weight, slope.x] as const, [-weight, slope.denoised] as const]
      })
      x = combine(...terms)
      yield done(x, denoised)
    }
    return x
  },
}

/** Lagrange's polynomial that is 1 at node `j` and 0 at the others. */
const basis = (nodes: readonly number[], j: number, t: number): number => {
  const own = nodes[j] ?? NaN
  return nodes.reduce((product, node, k) => (k === j ? product : (product * (t - node)) / (own - node)), 1)
}

/** Gauss–Legendre with two nodes, exact for cubics. */
function integral(f: (t: number) => number, from: number, to: number): number {
  const [middle, half] = [(from + to) / 2, (to - from) / 2]
  const node = half / Math.sqrt(3)
  return half * (f(middle - node) + f(middle + node))
}
