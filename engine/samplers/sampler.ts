import type { z } from 'zod'
import type { ScheduleType } from '../schedules/schedule-types.ts'
import type { NoiseSchedule } from '../schedules/noise-schedule.ts'
import { PigmentError } from '../requests/error.ts'
import { samplers } from './index.ts'
import { samplerCalled } from './sampler-names.ts'

export interface SamplerInput {
  readonly schedule: NoiseSchedule
  readonly steps: number
  /** Where to start from: unit normal. */
  readonly noise: Float32Array
  /** Raw network output after guidance, in the schedule's prediction type. `x` is scaled as the network expects it. */
  model(x: Float32Array, timestep: number, step: number): Promise<Float32Array>
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
  /** The state the next step starts from, in the sampler's own coordinates: x₀ + σε for the Euler kind, √ᾱ x₀ + √(1−ᾱ) ε else. */
  readonly latents: Float32Array
  /** The clean latent as this step sees it: what a preview shows. */
  readonly denoised: Float32Array
}

/** A way from noise to a clean latent, which it returns. */
export interface Sampler<Options extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly title: string
  /** What our settings line calls it: A1111's name where the pictures are A1111's, else one that says whose they are. */
  readonly written: string
  /** Its noise levels, where A1111 has a word for them; `checkpoint`: uniform unless the checkpoint asks for others. */
  readonly schedule?: ScheduleType | 'checkpoint'
  /** What A1111 takes for this solver where its settings say `Automatic`; uniform where it is not told. */
  readonly automatic?: ScheduleType
  /** Names that other programs give to the solver; letter case, blanks and signs between words do not count. */
  readonly aliases: readonly string[]
  /**
   * What it can be told beside. Every field has a default, and in its meta a `description`, a `step` to move it by, and as `written` the name
   * that A1111's settings line has for it.
   */
  readonly options?: Options
  sample(input: SamplerInput, options: z.output<Options>): AsyncGenerator<SamplerStep, Float32Array>
}

/** The sampler of this name, ours or another program's. */
export function samplerByName(name: string): Sampler {
  const own = samplers.find((candidate) => candidate.name === name)
  if (own) return own
  const { sampler, unknown } = samplerCalled(name)
  if (sampler && unknown === undefined) return sampler
  const names = samplers.map((candidate) => candidate.name)
  throw new PigmentError('sampler-unknown', `There is no sampler "${name}". Choose one of: ${names.join(', ')}.`, { name, names })
}
