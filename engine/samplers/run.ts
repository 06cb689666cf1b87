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
  /**
   * Unit normal noise of ways between noise levels, for samplers that follow one path through all of them. Told the ends of the run, it answers for
   * a way from one σ to another. Where there is none a step's own noise takes its place.
   */
  readonly pathNoise?: ((low: number, high: number) => PathNoise) | undefined
  readonly signal?: AbortSignal
  /** Image to image: begin at this step with these clean latents under `noise`. */
  readonly startAt?: { readonly step: number; readonly latents: Float32Array }
}

/** Of a way from one σ to another. */
export type PathNoise = (from: number, to: number) => Float32Array

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
  /** A level between those of the grid, told to the network as the grid tells its own. */
  readonly level: (sigma: number) => Level
  /** Unit normal noise of this step's own. */
  readonly noise: () => Float32Array
  /** Unit normal noise of the way between two levels: the same path whatever steps are taken through it. */
  readonly path: (from: Level, to: Level) => Float32Array
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
  /** The clean latent that an answer of the network points to, from a state of a level. */
  readonly pointed: (x: Float32Array, output: Float32Array, level: Level) => Float32Array
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
  const pointed: SamplerRun['pointed'] = (x, output, level) => clean(states.denoised(x, output, level))
  const taken = grid.steps.slice(first)
  const visited = taken.flatMap(({ at, next }) => [at.sigma, next.sigma]).filter((sigma) => sigma > 0)
  let way: PathNoise | undefined
  const path = (step: number, from: Level, to: Level): Float32Array => {
    way ??= input.pathNoise?.(Math.min(...visited), Math.max(...visited))
    return way ? way(from.sigma, to.sigma) : input.stepNoise(step)
  }
  return {
    process,
    count,
    pointed,
    start: startAt ? states.noised(startAt.latents, noise, level) : states.begun(noise, level, grid.pure),
    *steps() {
      for (const [k, { at, next }] of taken.entries()) {
        signal?.throwIfAborted()
        const step = first + k
        yield {
          at,
          next,
          async denoise(x, level = at) {
            const output = await input.model(states.input(x, level), level.timestep, step)
            const free = states.denoised(x, output, level)
            const denoised = clean(free)
            // Samplers that go on with the answer itself are to hear of the change too.
            return { output: denoised === free ? output : states.answer(x, denoised, level), denoised }
          },
          level: grid.between ?? ((sigma) => process.level(sigma)),
          noise: () => input.stepNoise(step),
          path: (from, to) => path(step, from, to),
          done: (latents, denoised) => ({ step, steps: count, timestep: at.timestep, latents, denoised }),
        }
      }
    },
  }
}
