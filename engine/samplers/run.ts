// One run of a sampler: the loop over its steps, its start and how it asks the network, written once for all.
import type { Coordinates, Level, NoiseProcess } from '../processes/process.ts'
import type { Grid } from '../schedules/schedule.ts'

export interface SamplerInput {
  readonly process: NoiseProcess
  readonly steps: number
  /** Where to start from: unit normal. */
  readonly noise: Float32Array
  /** Raw network output after guidance, as the process predicts. `x` is scaled as the network expects it. */
  model(x: Float32Array, timestep: number, step: number): Promise<Float32Array>
  /** Acts on every clean latent that the network's answers point to. */
  readonly clean?: (denoised: Float32Array) => Float32Array
  /** Unit normal noise of one step, for samplers that add some. */
  stepNoise(step: number): Float32Array
  readonly signal?: AbortSignal
  /** Image to image: begin at this step with these clean latents under `noise`. */
  readonly startAt?: { readonly step: number; readonly latents: Float32Array }
}

export interface SamplerStep {
  /** Index of the step just done, and how many the grid has. */
  readonly step: number
  readonly steps: number
  readonly timestep: number
  /** The state the next step starts from, in the sampler's own coordinates. */
  readonly latents: Float32Array
  /** The clean latent as this step sees it: what a preview shows. */
  readonly denoised: Float32Array
}

/** A step to take, from one noise level to a lower one. */
export interface Step {
  readonly at: Level
  readonly next: Level
  /** Asks the network about a state of this step's level, or of the one that is named. */
  readonly denoise: (x: Float32Array, level?: Level) => Promise<{ readonly output: Float32Array; readonly denoised: Float32Array }>
  /** Unit normal noise of this step's own. */
  readonly noise: () => Float32Array
  /** The step as it is told once it is taken. */
  readonly done: (latents: Float32Array, denoised: Float32Array) => SamplerStep
}

/** What a sampler works with. */
export interface SamplerRun {
  readonly process: NoiseProcess
  /** How many steps the grid has; a run that begins with a picture takes the last of them. */
  readonly count: number
  /** The state to begin with. */
  readonly start: Float32Array
  /** The steps to take, one after the other. Throws where the signal says so. */
  readonly steps: () => Generator<Step>
}

/** A run over the noise levels of a grid. Some schedules have more or fewer steps than were asked for: a run that begins with a picture takes the last. */
export function samplerRun(input: SamplerInput, grid: Grid, coordinates: 'scaled' | 'straight'): SamplerRun {
  const { process, noise, startAt, signal, clean = (denoised) => denoised } = input
  const states: Coordinates = process[coordinates]
  const count = grid.steps.length
  const first = startAt ? Math.max(0, startAt.step + count - input.steps) : 0
  const level = grid.steps[first]?.at ?? process.level(0)
  return {
    process,
    count,
    start: startAt ? states.noised(startAt.latents, noise, level) : states.begun(noise, level, grid.pure),
    *steps() {
      for (const [k, { at, next }] of grid.steps.slice(first).entries()) {
        signal?.throwIfAborted()
        const step = first + k
        yield {
          at,
          next,
          async denoise(x, level = at) {
            const output = await input.model(states.input(x, level), level.timestep, step)
            return { output, denoised: clean(states.denoised(x, output, level)) }
          },
          noise: () => input.stepNoise(step),
          done: (latents, denoised) => ({ step, steps: count, timestep: at.timestep, latents, denoised }),
        }
      }
    },
  }
}
