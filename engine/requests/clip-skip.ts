// CLIP skip, of pictures and of training runs.
import { z } from 'zod'
import type {} from './option.ts'

const layers = z.int().min(1).max(12)

/** A1111's `Clip skip`. */
export const clipSkip = layers.default(1).meta({
  description: 'CLIP skip: the layer of the text encoder that prompts are read at, from its end; SD 2 and SDXL are read at 2 by themselves',
  placeholder: 'N',
  group: 'picture',
  step: 1,
  written: 'Clip skip',
  axis: { sign: 'Clip skip', usual: '1, 2' },
})

/** sd-scripts' `clip_skip`. */
export const trainedClipSkip = layers.optional().meta({
  description: 'CLIP skip: the layer of the text encoder that captions are read at, from its end; 2 is usual for models of anime',
  placeholder: 'N',
  fallback: 'as the model is read: 1, of SD 2 and SDXL 2',
  group: 'pictures',
  step: 1,
  load: true,
})
