// What is added to a bias, b′ = b + w·d, beside any other variant or alone: an input of the graph for a layer, also for one that has no bias, and
// folded into a norm, whose difference LyCORIS calls otherwise. Reference: lycoris modules/{full,norms}.py, ComfyUI comfy/lora.py.
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import type { AdapterVariant } from './variant.ts'

const tensorOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Tensor => (tensors.biasDelta ?? tensors.normBiasDelta) as Tensor
const kindOf = ({ tensors }: Pick<AdapterModule, 'tensors'>) => (tensors.biasDelta ? 'shift' : 'dense-bias')

export const bias: AdapterVariant = {
  name: 'bias',
  title: 'bias difference',
  spelling: { biasDelta: { kohya: ['.diff_b'] }, normBiasDelta: { kohya: ['.b_norm'] } },
  forms: [['biasDelta'], ['normBiasDelta']],
  onClosed: true,
  apart: true,
  needs: 'it needs its tensor.',
  takes: 'a difference of',
  scaled: false,
  fit(weight) {
    const [role, shape] = [weight.length === 1 ? 'normBiasDelta' : 'biasDelta', weight.slice(0, 1)]
    return { shapes: { biasDelta: shape, normBiasDelta: shape }, kept: { biasDelta: role, normBiasDelta: role } }
  },
  rank: () => undefined,
  kinds: (module) => [kindOf(module)],
  terms: (module) => [{ kind: kindOf(module), by: tensorOf(module).data }],
  values: (module) => [[tensorOf(module).data, 1]],
  distance: (module, other) => relativeL2(tensorOf(other).data, tensorOf(module).data),
}
