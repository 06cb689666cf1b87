// Two ways to write one noisy latent. Variance preserving (VP): αx₀ + sε with α² + s² = 1, what the network sees.
// Variance exploding (VE): x₀ + σε with σ = s/α, in which Euler's step is a straight line.
import type { Prediction } from '../checkpoint/config.ts'
import { karrasSigmas } from '../schedules/karras.ts'
import { multistepTimestepGrid, roundHalfEven, timestepGrid } from '../schedules/timesteps.ts'
import { combine } from '../schedules/combine.ts'
import type { NoiseSchedule } from '../schedules/noise-schedule.ts'
import type { SamplerInput } from './sampler.ts'

/** The noise levels of a run: one timestep a step, and the σ on both sides of each step; the last σ is 0. */
export interface SigmaGrid {
  readonly timesteps: readonly number[]
  readonly sigmas: readonly number[]
}

/** α and s of a σ. */
export function vpScales(sigma: number): readonly [alpha: number, s: number] {
  const alpha = 1 / Math.sqrt(sigma * sigma + 1)
  return [alpha, sigma * alpha]
}

/** x₀ from a VP state and the network's answer. */
export function vpDenoised(prediction: Prediction, x: Float32Array, output: Float32Array, alpha: number, s: number): Float32Array {
  return prediction === 'epsilon' ? combine([1 / alpha, x], [-s / alpha, output]) : combine([alpha, x], [-s, output])
}

/** x₀ from a VE state and the network's answer. */
export function veDenoised(prediction: Prediction, x: Float32Array, output: Float32Array, sigma: number): Float32Array {
  const [alpha, s] = vpScales(sigma)
  return prediction === 'epsilon' ? combine([1, x], [-sigma, output]) : combine([alpha * alpha, x], [-s, output])
}

/** The VP state to begin with; the first noise level counts as pure noise unless clean latents are given. */
export function vpStart(input: SamplerInput, alpha: number, s: number): Float32Array {
  return input.startAt ? combine([alpha, input.startAt.latents], [s, input.noise]) : input.noise.slice()
}

/** The VE state to begin with. Only the spacings that begin at the very last timestep count as pure noise there. */
export function veStart(input: SamplerInput, sigma: number): Float32Array {
  if (input.startAt) return combine([1, input.startAt.latents], [sigma, input.noise])
  const spread = input.schedule.config.timestepSpacing === 'leading' ? Math.sqrt(sigma * sigma + 1) : sigma
  return combine([spread, input.noise])
}

/** Grid of the Euler kind. */
export function eulerGrid(schedule: NoiseSchedule, steps: number): SigmaGrid {
  return withSigmas(schedule, timestepGrid(schedule.config, steps, 'linspace'))
}

/** Karras noise levels between the ends of Euler's own grid, at the timesteps that have them. */
export function karrasEulerGrid(schedule: NoiseSchedule, steps: number): SigmaGrid {
  const { sigmas } = eulerGrid(schedule, steps)
  const spaced = karrasSigmas(steps, sigmas[steps - 1] ?? 0, sigmas[0] ?? 0)
  return { timesteps: spaced.map((sigma) => schedule.timestepOf(sigma)), sigmas: [...spaced, 0] }
}

/** Grid of the DPM++ kind. */
export function multistepGrid(schedule: NoiseSchedule, steps: number): SigmaGrid {
  return schedule.config.karrasSigmas
    ? karrasMultistepGrid(schedule, steps)
    : withSigmas(schedule, multistepTimestepGrid(schedule.config, steps))
}

/** Karras noise levels between the ends of the whole training table, whatever the spacing; timesteps are rounded to whole ones. */
export function karrasMultistepGrid(schedule: NoiseSchedule, steps: number): SigmaGrid {
  const sigmas = karrasSigmas(steps, schedule.sigmas[0] ?? 0, schedule.sigmas.at(-1) ?? 0)
  return { timesteps: sigmas.map((sigma) => roundHalfEven(schedule.timestepOf(sigma))), sigmas: [...sigmas, 0] }
}

function withSigmas(schedule: NoiseSchedule, timesteps: readonly number[]): SigmaGrid {
  return { timesteps, sigmas: [...timesteps.map((timestep) => schedule.sigmaAt(timestep)), 0] }
}

/** The steps of a grid that a run takes: step index, timestep, σ before and σ after. Stops where the signal says so. */
export function* gridSteps(
  input: SamplerInput,
  grid: SigmaGrid,
): Generator<{ step: number; timestep: number; sigma: number; next: number }> {
  for (let step = input.startAt?.step ?? 0; step < grid.timesteps.length; step++) {
    input.signal?.throwIfAborted()
    yield { step, timestep: grid.timesteps[step] ?? 0, sigma: grid.sigmas[step] ?? 0, next: grid.sigmas[step + 1] ?? 0 }
  }
}

/** σ of the first step that a run takes. */
export function firstSigma(input: SamplerInput, grid: SigmaGrid): number {
  return grid.sigmas[input.startAt?.step ?? 0] ?? 0
}
