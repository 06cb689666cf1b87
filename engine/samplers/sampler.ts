import type { z } from 'zod'
import type { Schedule } from '../schedules/schedule.ts'
import type { OwnOptions } from '../requests/own-options.ts'
import { PigmentError } from '../requests/error.ts'
import { samplers } from './index.ts'
import type { SamplerRun, SamplerStep } from './run.ts'
import { samplerCalled } from './sampler-names.ts'

/** A way from noise to a clean latent, which it returns. */
export interface Sampler<Options extends z.ZodObject = z.ZodObject> {
  readonly name: string
  readonly title: string
  /** What our settings line calls it: A1111's name where the pictures are A1111's, else one that says whose they are. */
  readonly written: string
  /** Its noise levels, unless others of their kind are asked for. */
  readonly schedule: Schedule
  /** What A1111 takes for this solver where its `Schedule type` is `Automatic`; uniform where it is not told. */
  readonly automatic?: Schedule
  /** Names that other programs give to the solver; letter case, blanks and signs between words do not count. */
  readonly aliases: readonly string[]
  /** In which its states stand, see `NoiseProcess`. */
  readonly coordinates: 'scaled' | 'straight'
  /**
   * What it can be told beside. Every field has a default, and in its meta a `description`, a `step` to move it by, and as `written` the name
   * that A1111's settings line has for it.
   */
  readonly options?: Options
  /** It asks the model twice a step, but for the last: prompts that change by steps count so. */
  readonly twice?: true
  /** Under which of its options the pictures of a program are drawn that has it otherwise. */
  readonly as?: { readonly comfyui: Partial<z.output<Options>> & OwnOptions }
  /** Whether its grid is one of a step more, of which the last level but one is left out: the step to no noise is then from a higher one. */
  discards?(options: z.output<Options>): boolean
  sample(run: SamplerRun, options: z.output<Options>): AsyncGenerator<SamplerStep, Float32Array>
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
