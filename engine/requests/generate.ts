// What a picture is asked for and what its making reports.
import { z } from 'zod'

/** Whose way a prompt is read in, its brackets and an empty negative of SDXL: A1111's, ComfyUI's, or that of diffusers, which knows no brackets. */
export const emphasis = z.enum(['a1111', 'comfyui', 'none'])
export type Emphasis = z.infer<typeof emphasis>

/** Options of the sampler by their names in its own schema, which has their defaults and checks them. */
export const samplerOptions = z.record(z.string().max(40), z.union([z.number(), z.boolean(), z.string().max(80)]))
export type SamplerOptions = z.infer<typeof samplerOptions>

export const generateRequest = z.object({
  prompt: z.string(),
  negative: z.string().default(''),
  /** Pixels; multiples of the autoencoder's factor. Default: the model's own size. */
  width: z.int().min(8).max(8192).optional(),
  height: z.int().min(8).max(8192).optional(),
  steps: z.int().min(1).max(1000).default(20),
  sampler: z.string().default('ddim'),
  samplerOptions: samplerOptions.optional(),
  /** Classifier-free guidance; 1 runs the prompt alone. */
  cfg: z.number().min(0).max(100).default(5),
  /** Guidance from the model's own picture of the prompt towards the adapters', beside that of the prompt. 0: one guidance for both, as other programs do. */
  adapterGuidance: z.number().min(0).max(100).default(0),
  /** Share of the steps that are guided, the first ones. The others follow the prompt under the adapters alone, in one pass each. */
  guidanceStop: z.number().min(0).max(1).default(1),
  seed: z.int().min(0).default(0),
  /** What `(word:1.2)` does. */
  emphasis: emphasis.default('a1111'),
  /** `stacked`: adapters are inputs, switching is free. `folded`: added into the weights, no cost a step. */
  mode: z.enum(['stacked', 'folded']).default('stacked'),
})
export type GenerateRequest = z.infer<typeof generateRequest>

/** How a picture is guided. */
export type GuidanceSettings = Pick<GenerateRequest, 'cfg' | 'adapterGuidance' | 'guidanceStop'>
/** What guidance begins with on a model: by itself, and with adapters. */
export type UsualGuidance = Readonly<Record<'alone' | 'stacked', GuidanceSettings>>

export type GenerateEvent =
  | { readonly type: 'warning'; readonly code: string; readonly message: string; readonly facts: Readonly<Record<string, unknown>> }
  | { readonly type: 'step'; readonly step: number; readonly steps: number; readonly rate: number }
