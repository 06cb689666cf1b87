// A bias in place of the model's, b′ = b + w·(S − b), as PEFT saves those that it trained beside its adapters (bias="all", "lora_only",
// modules_to_save): an input of the graph for a layer, folded into a norm. Reference: peft utils/save_and_load.py.
import { oneTensor } from '../one-tensor.ts'
import type { AdapterVariant } from './variant.ts'

export const setBias: AdapterVariant = oneTensor({
  name: 'set-bias',
  title: 'replaced bias',
  takes: 'a bias of',
  spelling: { newBias: {}, newNormBias: {} },
  ownNames: { newBias: '.bias' },
  of: 'bias',
  layer: 'newBias',
  norm: 'newNormBias',
  replaces: true,
})
