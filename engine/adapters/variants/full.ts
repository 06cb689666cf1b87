// A whole difference, W′ = W + w·D, as LyCORIS' `full` keeps it and ComfyUI extracts it, and LyCORIS' of norms, which it calls otherwise.
// Reference: lycoris modules/{full,norms}.py, ComfyUI comfy/lora.py.
import { oneTensor } from '../one-tensor.ts'
import type { AdapterVariant } from './variant.ts'

export const full: AdapterVariant = oneTensor({
  name: 'full',
  title: 'weight difference',
  takes: 'a difference of',
  spelling: { delta: { kohya: ['.diff'] }, normDelta: { kohya: ['.w_norm'] } },
  of: 'weight',
  layer: 'delta',
  norm: 'normDelta',
})
