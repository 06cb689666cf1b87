// What a picture is asked for and what its making reports.
import { z } from 'zod'
import { clipSkip } from './clip-skip.ts'
import { compositionFields } from './composition-fields.ts'
import { computePrecision } from './compute-precision.ts'
import { guidanceFields } from './guidance-fields.ts'
import { noiseFields } from './noise-fields.ts'
import type {} from './option.ts'
import { ownOptions } from './own-options.ts'
import { regionFields } from './region-fields.ts'
import { tilingFields } from './tiling-fields.ts'

/**
 * Whose way a prompt is read in, its brackets and an empty negative of SDXL: A1111's, ComfyUI's, or that of diffusers, which knows no brackets. Of A1111's
 * there are two more: one whose weights count nothing (`Ignore`), and one whose states keep the mean that weights give them (`No norm`).
 */
export const emphasis = z.enum(['a1111', 'a1111-ignore', 'a1111-no-norm', 'comfyui', 'none'])
export type Emphasis = z.infer<typeof emphasis>
/** All else of the language is A1111's, too. */
export const readAsA1111 = (one: Emphasis): boolean => one.startsWith('a1111')

/** Options of conditions by their names in their own schemas, which have their defaults and check them (`engine/conditions/`). */
export const conditionOptions = z.record(z.string().max(40), z.union([z.number(), z.boolean(), z.string().max(4096)]))
export type ConditionOptions = z.infer<typeof conditionOptions>

export const generateRequest = z.object({
  prompt: z.string().meta({ description: 'what to draw', placeholder: 'P' }),
  negative: z.string().default('').meta({ description: 'what to keep away from', placeholder: 'Q' }),
  /** Multiples of the autoencoder's factor. */
  width: z.int().min(8).max(8192).optional().meta({
    description: 'pixels',
    placeholder: 'W',
    fallback: 'the usual size of the model',
    group: 'size',
    level: 'basic',
    unit: 'px',
    step: 8,
    written: false,
  }),
  height: z.int().min(8).max(8192).optional().meta({
    description: 'pixels',
    placeholder: 'H',
    fallback: 'the usual size of the model',
    group: 'size',
    level: 'basic',
    unit: 'px',
    step: 8,
    written: false,
  }),
  steps: z
    .int()
    .min(1)
    .max(1000)
    .default(20)
    .meta({
      description: 'steps of the sampler',
      placeholder: 'N',
      group: 'picture',
      level: 'basic',
      unit: 'steps',
      step: 1,
      slider: [1, 100],
      written: 'Steps',
      axis: { sign: 'Steps', usual: '8, 16, 32' },
    }),
  sampler: z.string().default('ddim').meta({
    description: 'name of the sampler, ours or that of another program',
    placeholder: 'NAME',
    group: 'sampler',
    level: 'basic',
  }),
  samplerOptions: ownOptions.optional().meta({ description: 'an option of the sampler; can be given several times' }),
  schedule: z.string().max(40).optional().meta({
    description: 'how the noise levels of its steps are spaced, by our name or that of another program',
    placeholder: 'NAME',
    fallback: 'as the sampler says',
    group: 'sampler',
    level: 'basic',
  }),
  scheduleOptions: ownOptions.optional().meta({ description: 'an option of the schedule; can be given several times' }),
  conditions: conditionOptions.optional().meta({ description: 'what it is drawn from beside the prompt', written: false, axis: false }),
  /** Classifier-free guidance; 1 runs the prompt alone. */
  cfg: z
    .number()
    .min(0)
    .max(100)
    .default(5)
    .meta({
      description: 'how closely to follow the prompt; 1 is fastest and ignores the negative prompt',
      placeholder: 'X',
      group: 'picture',
      level: 'basic',
      step: 0.5,
      slider: [1, 15],
      written: 'CFG scale',
      axis: { sign: 'CFG', usual: '1, 3, 5, 8' },
    }),
  adapterGuidance: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .meta({
      description:
        "how far to go from the model's own picture of the prompt to that under the adapters, apart from --cfg; 0 leaves both to --cfg, as other programs do",
      placeholder: 'X',
      group: 'stack',
      level: 'basic',
      step: 0.25,
      slider: [0, 10],
      written: 'Adapter guidance',
      axis: { sign: 'Adapter CFG', usual: '0, 1, 2, 3' },
      adapters: true,
    }),
  ...compositionFields,
  guidanceStop: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .meta({
      description:
        'share of the steps that are guided, the first ones; the others follow the prompt under the adapters alone, in one pass each',
      placeholder: 'X',
      group: 'stack',
      level: 'basic',
      unit: 'share',
      step: 0.05,
      written: 'Guidance stop',
      axis: { sign: 'CFG share', usual: '0.5, 0.75, 1' },
    }),
  seed: z
    .int()
    .min(0)
    .default(0)
    .meta({
      description: 'the same seed and settings give the same picture',
      placeholder: 'S',
      group: 'picture',
      level: 'basic',
      step: 1,
      written: 'Seed',
      axis: { sign: 'Seed', usual: '1, 2, 3, 4' },
    }),
  ...tilingFields,
  ...noiseFields,
  ...guidanceFields,
  clipSkip,
  ...regionFields,
  emphasis: emphasis.default('a1111').meta({
    description: 'whose reading of prompts: of (word:1.2), of where a long one is cut, and of an empty negative of SDXL',
    placeholder: 'NAME',
    group: 'picture',
    level: 'basic',
    written: 'Emphasis',
    spelt: { a1111: 'Original', 'a1111-ignore': 'Ignore', 'a1111-no-norm': 'No norm', comfyui: 'ComfyUI', none: 'None' },
  }),
  /** Adapters are inputs, so that switching is free; or added into the weights, so that a step costs nothing. */
  mode: z.enum(['stacked', 'folded']).default('stacked').meta({
    description: 'stacked: adapters are inputs; folded: they are added into the weights first',
    written: false,
    axis: false,
    adapters: true,
  }),
  computePrecision: computePrecision.meta({
    description:
      'numbers that a picture is computed in: fp16 takes half the memory and is the fastest on a graphics card; auto takes it there where the model is stored in 16 bits',
    placeholder: 'NAME',
    group: 'sampler',
    written: false,
    axis: false,
  }),
})
export type GenerateRequest = z.infer<typeof generateRequest>

/** How a picture is guided. */
export type GuidanceSettings = Pick<GenerateRequest, 'cfg' | 'adapterGuidance' | 'guidanceStop'>
/** What guidance begins with on a model: by itself, and with adapters. */
export type UsualGuidance = Readonly<Record<'alone' | 'stacked', GuidanceSettings>>

export type GenerateEvent =
  | { readonly type: 'warning'; readonly code: string; readonly message: string; readonly facts: Readonly<Record<string, unknown>> }
  | { readonly type: 'step'; readonly step: number; readonly steps: number; readonly rate: number }
