// A bias in place of the model's, b′ = b + w·(S − b), as PEFT saves those that it trained beside its adapters (bias="all", "lora_only",
// modules_to_save): an input of the graph for a layer, folded into a norm. Reference: peft utils/save_and_load.py.
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import type { AdapterVariant } from './variant.ts'

const tensorOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Tensor => (tensors.newBias ?? tensors.newNormBias) as Tensor
const kindOf = ({ tensors }: Pick<AdapterModule, 'tensors'>) => (tensors.newBias ? 'shift' : 'dense-bias')

export const setBias: AdapterVariant = {
  name: 'set-bias',
  title: 'replaced bias',
  spelling: { newBias: {}, newNormBias: {} },
  ownNames: { newBias: '.bias' },
  forms: [['newBias'], ['newNormBias']],
  onClosed: true,
  apart: true,
  needs: 'it needs its tensor.',
  takes: 'a bias of',
  scaled: false,
  fit(weight) {
    const [role, shape] = [weight.length === 1 ? 'newNormBias' : 'newBias', weight.slice(0, 1)]
    return { shapes: { newBias: shape, newNormBias: shape }, kept: { newBias: role, newNormBias: role } }
  },
  rank: () => undefined,
  kinds: (module) => [kindOf(module)],
  async terms(module, base) {
    const before = await base.bias?.()
    return [{ kind: kindOf(module), by: tensorOf(module).data.map((value, i) => value - (before?.data[i] ?? 0)) }]
  },
  values: (module) => [[tensorOf(module).data, 1]],
  distance: (module, other) => relativeL2(tensorOf(other).data, tensorOf(module).data),
}
