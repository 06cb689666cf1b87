import type { Conditioning } from '../models/conditioning.ts'
import type { GenerateRequest } from '../requests/generate.ts'
import type { Model } from '../sessions/open-model.ts'
import type { Tensor } from '../tensor/tensor.ts'

/**
 * Where a model was trained with zeros for an absent text, diffusers (`force_zeros_for_empty_prompt`) and A1111 (`force_zero_negative_prompt` in
 * sd_models_xl.py) feed zeros where the negative prompt is empty. ComfyUI's nodes encode the empty text.
 */
export function zeroEmpty(
  { checkpoint }: Model,
  { emphasis, negative }: Pick<GenerateRequest, 'emphasis' | 'negative'>,
  conditioning: Conditioning,
): Conditioning {
  if (!checkpoint.emptyIsZero || emphasis === 'comfyui' || negative !== '' || conditioning.context.shape[0] === 1) return conditioning
  // The first row of all.
  const blank = ({ shape, data }: Tensor): Tensor => ({ shape, data: data.slice().fill(0, 0, data.length / (shape[0] ?? 1)) })
  return { context: blank(conditioning.context), ...(conditioning.pooled ? { pooled: blank(conditioning.pooled) } : {}) }
}
