// Which layer of its text encoders a model is read at: CLIP skip, counted as A1111 and sd-scripts count it.
import type { Checkpoint } from '../checkpoint/config.ts'
import { PigmentError } from '../requests/error.ts'
import { familyCalled } from './family-called.ts'

/**
 * 1 is the last layer of the published encoder, 2 the one before. Stable Diffusion 2 and SDXL are read at 2 by themselves, and lower numbers change
 * nothing there. The text that SDXL hears as a whole (`pooled`) stays that of the last layer. Throws `clip-skip-deep`.
 */
export function clipSkipped<Of extends Pick<Checkpoint, 'family' | 'textEncoders'>>(checkpoint: Of, clipSkip = 1): Of {
  const rules = familyCalled(checkpoint.family).textEncoders
  const textEncoders = checkpoint.textEncoders.map((encoder, i) => {
    const { skip: usual = 1, clipSkip: own = 1 } = rules[i] ?? {}
    const skip = Math.max(encoder.config.skip, usual + clipSkip - own)
    if (skip === encoder.config.skip) return encoder
    const deepest = encoder.config.layers + own - usual
    if (clipSkip > deepest) throw tooDeep(clipSkip, deepest)
    return { ...encoder, config: { ...encoder.config, skip } }
  })
  return textEncoders.some((encoder, i) => encoder !== checkpoint.textEncoders[i]) ? { ...checkpoint, textEncoders } : checkpoint
}

function tooDeep(clipSkip: number, deepest: number): PigmentError {
  const sentence = `CLIP skip ${clipSkip} goes behind the first layer of the model's text encoder: the most is ${deepest}. 1 and 2 are usual.`
  return new PigmentError('clip-skip-deep', sentence, { clipSkip, deepest })
}
