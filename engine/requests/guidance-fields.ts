// How guidance is tamed, and what text guides: fields of a picture that change nothing where they are left out.
import { z } from 'zod'
import type {} from './option.ts'

export const guidanceFields = {
  /** As diffusers' guiders count it with `start`. */
  guidanceStart: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .meta({
      description: 'share of the steps before guidance begins: the first ones follow the prompt under the adapters alone, in one pass each',
      placeholder: 'X',
      group: 'stack',
      unit: 'share',
      step: 0.05,
      written: 'Guidance start',
      axis: { sign: 'CFG from', usual: '0, 0.1, 0.2' },
    }),
  /** φ of Lin et al. 2023, arXiv 2305.08891, section 3.4; diffusers' `guidance_rescale`, ComfyUI's `RescaleCFG`. */
  cfgRescale: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .meta({
      description: 'how far contrast that guidance adds is taken back; 0.7 is usual for models that predict v with zero terminal SNR',
      placeholder: 'X',
      group: 'picture',
      unit: 'share',
      step: 0.05,
      written: 'CFG Rescale',
      axis: { sign: 'CFG rescale', usual: '0, 0.4, 0.7' },
    }),
  cfgRescaleAs: z
    .enum(['diffusers', 'comfyui'])
    .default('diffusers')
    .meta({
      description:
        "whose rescaling: diffusers' of what the model predicts, or ComfyUI's of v whatever it predicts; one and the same for models of v",
      placeholder: 'NAME',
      group: 'picture',
      written: 'CFG Rescale as',
      spelt: { diffusers: 'diffusers', comfyui: 'ComfyUI' },
    }),
}
