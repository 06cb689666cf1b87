// LoRA whose up side has a bias, as PEFT (lora_bias) and diffusers keep it: y = W·x + b + s·(B·A·x + c), with s = alpha / R. Reference: peft
// tuners/lora/layer.py.
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { scaleOf } from '../low-rank.ts'
import { lora, loraFields, pairOf } from './lora.ts'
import type { AdapterVariant } from './variant.ts'

const biasOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Tensor => tensors.pairBias as Tensor

export const loraBias: AdapterVariant = {
  name: 'lora-bias',
  title: 'LoRA with biases',
  spelling: { ...lora.spelling, pairBias: { peft: ['.lora_B.bias', '.lora_B.*.bias'], other: ['.lora.up.bias', '.lora_up.bias'] } },
  needs: 'a pair with a bias needs a down, an up and a bias tensor.',
  takes: 'tensors of',
  scaled: true,
  inward: 'down',
  peft: { type: 'LORA', alpha: 'lora_alpha', fields: () => ({ ...loraFields, lora_bias: true }) },

  fit(weight, parts) {
    const fit = lora.fit(weight, parts)
    const [outputs = 0] = weight
    if (!('shapes' in fit)) return fit
    const accepted = parts.pairBias?.shape.join() === String(outputs) ? ['pairBias'] : []
    return { shapes: { ...fit.shapes, pairBias: [outputs] }, accepted }
  },
  rank: (module) => lora.rank(module),
  kinds: () => ['low-rank', 'shift'],
  terms(module) {
    const pair = pairOf(module)
    const scale = scaleOf(pair)
    return [
      { kind: 'low-rank', ...pair },
      { kind: 'shift', by: biasOf(module).data.map((value) => value * scale) },
    ]
  },
  values: (module) => [...lora.values(module), [biasOf(module).data, scaleOf(pairOf(module))]],
  distance: (module, other) => Math.max(lora.distance(module, other), relativeL2(biasOf(other).data, biasOf(module).data)),
}
