// What is added to a bias, b′ = b + w·d, beside any other variant or alone: an input of the graph for a layer, also for one that has no bias, and
// folded into a norm, whose difference LyCORIS calls otherwise. Reference: lycoris modules/{full,norms}.py, ComfyUI comfy/lora.py.
import { oneTensor } from '../one-tensor.ts'
import type { AdapterVariant } from './variant.ts'

export const bias: AdapterVariant = oneTensor({
  name: 'bias',
  title: 'bias difference',
  takes: 'a difference of',
  spelling: { biasDelta: { kohya: ['.diff_b'] }, normBiasDelta: { kohya: ['.b_norm'] } },
  of: 'bias',
  layer: 'biasDelta',
  norm: 'normBiasDelta',
})
