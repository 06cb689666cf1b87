// Noise levels as A1111 takes them: over the whole training table, whatever spacing the checkpoint names, and no timestep is rounded.
// Source: crowsonkb/k-diffusion, k_diffusion/external.py (DiscreteSchedule) and sampling.py (get_sigmas_karras), whose σ lies between two
// timesteps by its logarithm.
import { combine } from '../schedules/combine.ts'
import { karrasSigmas } from '../schedules/karras.ts'
import type { NoiseSchedule } from '../schedules/noise-schedule.ts'
import { checkSteps } from '../schedules/timesteps.ts'
import type { SigmaGrid } from './coordinates.ts'
import type { SamplerInput } from './sampler.ts'

export function a1111UniformGrid({ config, sigmas }: NoiseSchedule, steps: number): SigmaGrid {
  checkSteps(config, steps)
  const last = config.trainSteps - 1
  const timesteps = Array.from({ length: steps }, (_, i) => (i === 0 ? last : (last * (steps - 1 - i)) / (steps - 1)))
  const sigmaAt = (timestep: number): number => {
    const [below, above, weight] = [Math.floor(timestep), Math.ceil(timestep), timestep % 1]
    return (sigmas[below] ?? 0) ** (1 - weight) * (sigmas[above] ?? 0) ** weight
  }
  return { timesteps, sigmas: [...timesteps.map(sigmaAt), 0] }
}

export function a1111KarrasGrid(schedule: NoiseSchedule, steps: number): SigmaGrid {
  checkSteps(schedule.config, steps)
  const sigmas = karrasSigmas(steps, schedule.sigmas[0] ?? 0, schedule.sigmas.at(-1) ?? 0)
  return { timesteps: sigmas.map((sigma) => schedule.timestepOf(sigma)), sigmas: [...sigmas, 0] }
}

/** The VP state to begin with: the first noise level is noise of that level over a picture of zeros, where diffusers takes pure noise. */
export function a1111Start({ startAt, noise }: SamplerInput, alpha: number, s: number): Float32Array {
  return startAt ? combine([alpha, startAt.latents], [s, noise]) : combine([s, noise])
}
