// What a picture is drawn from beside its prompt: one condition a file, in force where its own first option is given.
import type { z } from 'zod'
import type { Size } from '../images/model-range.ts'
import type { Picture } from '../images/picture.ts'
import type { ConditionOptions, GenerateRequest } from '../requests/generate.ts'
import type { SamplerInput } from '../samplers/run.ts'
import type { Frame } from '../sessions/frame.ts'
import type { Model } from '../sessions/open-model.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The steps of a run: how many its noise levels are shared out over, and which is the first to be taken. */
export interface StepPlan {
  readonly steps: number
  readonly first: number
}

/** What a condition brings to the drawing of one picture, (1, C, h, w) each. */
export interface Prepared {
  /** Clean latents to begin with, under noise of the plan's first step; where they depend on that noise, what they are by it. */
  readonly start?: Float32Array | ((noise: Float32Array) => Float32Array)
  /** What a network for inpainting sees beside the latents, (1 + C, h, w); where it is told nothing, all is masked. */
  readonly beside?: Float32Array
  /** Acts on what the network answers. */
  readonly wrap?: (inner: SamplerInput['model']) => SamplerInput['model']
  /** Acts on the clean latents that each answer points to, and on those that a run ends with, of all pictures that are drawn together. */
  readonly clean?: (denoised: Float32Array) => Float32Array
  /** Acts on the picture once it is drawn, which may come out of it with another size. */
  readonly finish?: (drawn: Picture) => Promise<Picture>
  readonly again?: Again
}

/** A further run over what was drawn. */
export interface Again {
  readonly size: Size
  /** Its steps, by those of the run before. */
  readonly plan: (steps: number) => StepPlan
  /** What it begins with, of all pictures that are drawn together: clean latents of its size, from those that the run before ended with. */
  readonly begin: (model: Model, latents: Tensor) => Promise<Float32Array>
}

/** What one run may be asked otherwise than another. */
export type RunAsked = Pick<GenerateRequest, 'sampler' | 'samplerOptions' | 'schedule' | 'scheduleOptions' | 'cfg' | 'negative'>

export interface Condition<Options extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /**
   * Fields of its own; no other condition has one of the same key. Each but the first has a default, or may be left out; in a settings line they
   * stand as their meta says.
   */
  readonly options: Options
  /** The option that puts it in force. */
  readonly by: string
  /** It needs another that is in force too, and prepares in its place; `begun` has the options of both. */
  readonly over?: Condition
  /** It does not go with another. */
  readonly excludes?: Condition
  /** Which steps are taken, where it begins with a picture. Throws where none is left. */
  plan?(options: z.output<Options>, steps: number): StepPlan
  /** The size of the further run, in whole cells of so many pixels. */
  grows?(options: z.output<Options>, size: Size, cell: number): Size
  /** Of its options by name: throw for a value that no schema can tell to be wrong. */
  readonly checks?: Readonly<Record<string, (value: string) => void>>
  /** Of its options, those that are prompts. */
  readonly prompts?: readonly string[]
  /** What the further run is asked otherwise, from what the first was asked; `prompt`: in place of every picture's own. */
  asks?(options: z.output<Options>, asked: RunAsked): Partial<RunAsked> & { readonly prompt?: string }
  /** Of its options, those that stand in a settings line otherwise than they are. */
  written?(options: z.output<Options>, asked: RunAsked): Readonly<Record<string, string>>
  /** Steps that are taken after those of the first run. */
  further?(options: z.output<Options>, steps: number): number
  prepare(model: Model, options: z.output<Options>, frame: Frame, begun: ConditionOptions): Promise<Prepared>
}
