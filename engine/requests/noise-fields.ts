// Whose random numbers a picture is drawn from, and what is mixed into them.
import { z } from 'zod'
import { noiseSourceNames } from './noise-names.ts'
import type {} from './option.ts'

export const noiseFields = {
  /** A1111's `RNG`. */
  noiseSource: z
    .enum(noiseSourceNames)
    .default('pigment')
    .meta({
      description:
        "whose random numbers: pigment's own; a1111-gpu, a1111-cpu, comfyui, comfyui-cpu or diffusers draw the noise that those have for the seed",
      placeholder: 'NAME',
      group: 'picture',
      written: 'RNG',
      spelt: {
        'a1111-cpu': 'CPU',
        'a1111-gpu': 'NV',
        comfyui: 'ComfyUI',
        'comfyui-cpu': 'ComfyUI CPU',
        diffusers: 'diffusers',
        pigment: 'Pigment',
      },
    }),
  /** A1111's `Variation seed strength`. */
  variationStrength: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .meta({
      description: 'how far the noise goes from that of the seed to that of --variation-seed',
      placeholder: 'X',
      group: 'picture',
      unit: 'share',
      step: 0.05,
      written: 'Variation seed strength',
      axis: { sign: 'Variation', usual: '0, 0.1, 0.2, 0.3' },
    }),
  /** A1111's `Variation seed`. */
  variationSeed: z
    .int()
    .min(0)
    .default(1)
    .meta({
      description: 'seed of the noise that is mixed in by --variation-strength',
      placeholder: 'S',
      group: 'picture',
      step: 1,
      written: 'Variation seed',
      axis: { sign: 'Variation seed', usual: '1, 2, 3, 4' },
    }),
  /** A1111's `ENSD`, NovelAI's is 31337. */
  seedDelta: z
    .int()
    .min(0)
    .max(2 ** 32)
    .default(0)
    .meta({
      description: 'added to the seed for the noise of the steps (eta noise seed delta)',
      placeholder: 'N',
      group: 'picture',
      step: 1,
      written: 'ENSD',
      axis: false,
    }),
}
