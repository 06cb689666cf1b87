// Zhang & Chen 2023, "Fast Sampling of Diffusion Models with Exponential Integrator", multistep in log ρ: the noise of the last steps as a polynomial
// in ln σ, integrated over the step. Source: huggingface/diffusers, scheduling_deis_multistep.py.
import { z } from 'zod'
import { combine } from '../processes/combine.ts'
import type { Level } from '../processes/process.ts'
import { multistepLowest } from '../schedules/multistep-lowest.ts'
import type { Sampler } from './sampler.ts'

const options = z.object({
  solverOrder: z.int().min(1).max(3).default(2).meta({ description: 'of how many steps', written: 'DEIS order', step: 1 }),
})

export const deis: Sampler<typeof options> = {
  name: 'deis',
  title: 'DEIS (diffusers)',
  written: 'DEIS',
  schedule: multistepLowest,
  aliases: ['DEISMultistepScheduler', 'deis_multistep'],
  coordinates: 'scaled',
  options,
  async *sample({ start, steps, count }, { solverOrder }) {
    let x = start
    // The latest first.
    let noises: { readonly x: Float32Array; readonly denoised: Float32Array; readonly at: Level }[] = []
    for (const { at, next, denoise, done } of steps()) {
      const { denoised } = await denoise(x)
      if (at.ratio === next.ratio) {
        yield done(x, denoised)
        continue
      }
      noises = [{ x, denoised, at }, ...noises].slice(0, solverOrder)
      const state = done(x, denoised)
      // A few steps end with lower orders.
      const used = noises.slice(0, count < 15 ? count - state.step : solverOrder)
      const logs = used.map(({ at }) => Math.log(at.ratio))
      const terms = used.flatMap((noise, j) => {
        // Over α a state goes straight from noise to the clean latent.
        const weight = (integral(logs, j, at.ratio, next.ratio) * next.alpha) / noise.at.ratio
        const own = j === 0 ? next.alpha : 0
        return [[(own + weight) / noise.at.alpha, noise.x] as const, [-weight, noise.denoised] as const]
      })
      x = combine(...terms)
      yield { ...state, latents: x }
    }
    return x
  },
}

/** ∫ of Lagrange's polynomial in ln σ that is 1 at node `j`, dσ. */
function integral(logs: readonly number[], j: number, from: number, to: number): number {
  const own = logs[j] ?? NaN
  const others = logs.filter((_, k) => k !== j)
  const scale = others.reduce((product, other) => product * (own - other), 1)
  const [b = 0, c = 0] = others
  const till = (sigma: number): number => {
    if (sigma === 0) return 0
    const l = Math.log(sigma)
    if (others.length === 0) return sigma
    if (others.length === 1) return sigma * (l - 1 - b)
    return sigma * (l * l - 2 * l + 2 - (b + c) * (l - 1) + b * c)
  }
  return (till(to) - till(from)) / scale
}
