// How large what an adapter adds to a layer may become.
import { z } from 'zod'
import type {} from './option.ts'

/** sd-scripts `scale_weight_norms`. */
export const maxNorm = z.number().positive().max(1000).optional().meta({
  description: 'after each step, what a LoRA adds to a layer is scaled down to this norm where it is larger (max-norm); 1 is usual',
  placeholder: 'X',
  fallback: 'no limit',
  group: 'network',
  step: 0.1,
})
