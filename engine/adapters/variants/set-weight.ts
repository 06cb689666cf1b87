// A weight in place of the model's: W′ = W + w·(S − W). ComfyUI's nodes save it, and ComfyUI itself sets it at any
// strength; PEFT saves it of modules_to_save. Reference: comfy/lora.py, peft utils/other.py.
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import type { AdapterVariant } from './variant.ts'

const tensorOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Tensor => tensors.replacement as Tensor

export const setWeight: AdapterVariant = {
  name: 'set-weight',
  title: 'replaced weight',
  spelling: { replacement: { kohya: ['.set_weight'] } },
  ownNames: { replacement: '.weight' },
  onClosed: true,
  apart: true,
  needs: 'it needs its tensor.',
  takes: 'a weight of',
  scaled: false,
  fit: (weight) => ({ shapes: { replacement: weight } }),
  rank: () => undefined,
  kinds: () => ['dense'],
  async terms(module, base) {
    const [{ shape, data }, replacement] = [await base.read(), tensorOf(module)]
    return [{ kind: 'dense', delta: { shape, data: data.map((value, i) => (replacement.data[i] ?? 0) - value) } }]
  },
  values: (module) => [[tensorOf(module).data, 1]],
  distance: (module, other) => relativeL2(tensorOf(other).data, tensorOf(module).data),
}
