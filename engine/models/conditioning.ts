// What the text encoders tell the denoiser.
import type { Tensor } from '../tensor/tensor.ts'

export interface Conditioning {
  /** (prompts, T, D): the encoders' states side by side. */
  readonly context: Tensor
  /** (prompts, P): pooled text, where the family has it. */
  readonly pooled?: Tensor
}
