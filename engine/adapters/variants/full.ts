// A whole difference, W′ = W + w·D, as LyCORIS' `full` keeps it and ComfyUI extracts it, and LyCORIS' of norms, which it calls otherwise.
// Reference: lycoris modules/{full,norms}.py, ComfyUI comfy/lora.py.
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import type { AdapterVariant } from './variant.ts'

const tensorOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Tensor => (tensors.delta ?? tensors.normDelta) as Tensor

export const full: AdapterVariant = {
  name: 'full',
  title: 'weight difference',
  spelling: { delta: { kohya: ['.diff'] }, normDelta: { kohya: ['.w_norm'] } },
  forms: [['delta'], ['normDelta']],
  onClosed: true,
  apart: true,
  needs: 'it needs its tensor.',
  takes: 'a difference of',
  scaled: false,
  fit(weight) {
    const role = weight.length === 1 ? 'normDelta' : 'delta'
    return { shapes: { delta: weight, normDelta: weight }, kept: { delta: role, normDelta: role } }
  },
  rank: () => undefined,
  kinds: () => ['dense'],
  terms: (module) => [{ kind: 'dense', delta: tensorOf(module) }],
  values: (module) => [[tensorOf(module).data, 1]],
  distance: (module, other) => relativeL2(tensorOf(other).data, tensorOf(module).data),
}
