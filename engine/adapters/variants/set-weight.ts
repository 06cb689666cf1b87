// A weight in place of the model's: W′ = W + w·(S − W). ComfyUI's nodes save it, and ComfyUI itself sets it at any
// strength; PEFT saves it of modules_to_save. Reference: comfy/lora.py, peft utils/other.py.
import { oneTensor } from '../one-tensor.ts'
import type { AdapterVariant } from './variant.ts'

export const setWeight: AdapterVariant = oneTensor({
  name: 'set-weight',
  title: 'replaced weight',
  takes: 'a weight of',
  spelling: { replacement: { kohya: ['.set_weight'] } },
  ownNames: { replacement: '.weight' },
  of: 'weight',
  layer: 'replacement',
  replaces: true,
})
