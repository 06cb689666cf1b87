// Variants that keep one tensor for a weight or a bias: what is added to it, or what stands in its place.
import { relativeL2, type Tensor } from '../tensor/tensor.ts'
import type { AdapterModule } from './adapter.ts'
import type { AdapterVariant } from './variants/variant.ts'

interface OneTensor extends Pick<AdapterVariant, 'name' | 'title' | 'takes' | 'spelling' | 'ownNames'> {
  readonly of: 'weight' | 'bias'
  /** Names of the tensor on a layer and on a norm, where that is another. */
  readonly layer: string
  readonly norm?: string
  /** It stands in place of the model's own: W′ = W + w·(S − W). */
  readonly replaces?: true
}

export function oneTensor({ of, layer, norm, replaces, ...own }: OneTensor): AdapterVariant {
  const tensorOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Tensor => (tensors[layer] ?? tensors[norm ?? layer]) as Tensor
  const kindOf = ({ tensors }: Pick<AdapterModule, 'tensors'>) => (of === 'weight' ? 'dense' : tensors[layer] ? 'shift' : 'dense-bias')
  return {
    ...own,
    ...(norm === undefined ? {} : { forms: [[layer], [norm]] }),
    onClosed: true,
    apart: true,
    needs: 'it needs its tensor.',
    scaled: false,
    fit(weight) {
      const shape = of === 'weight' ? weight : weight.slice(0, 1)
      if (norm === undefined) return { shapes: { [layer]: shape } }
      const role = weight.length === 1 ? norm : layer
      return { shapes: { [layer]: shape, [norm]: shape }, kept: { [layer]: role, [norm]: role } }
    },
    rank: () => undefined,
    kinds: (module) => [kindOf(module)],
    async terms(module, base) {
      const before = !replaces ? undefined : of === 'weight' ? await base.read() : await base.bias?.()
      const { shape, data } = tensorOf(module)
      const delta = before ? data.map((value, i) => value - (before.data[i] ?? 0)) : data
      const kind = kindOf(module)
      return [kind === 'dense' ? { kind, delta: { shape, data: delta } } : { kind, by: delta }]
    },
    values: (module) => [[tensorOf(module).data, 1]],
    distance: (module, other) => relativeL2(tensorOf(other).data, tensorOf(module).data),
  }
}
