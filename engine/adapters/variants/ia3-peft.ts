// (IA)³ as PEFT keeps it: a vector l around 1, (O, 1), or (1, I) for a layer that its config counts as feed-forward; y = l ⊙ (W·x + b), the bias too,
// or W·(l ⊙ x) + b. A convolution has (1, C, 1, 1) either way. Reference: peft tuners/ia3/layer.py.
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import type { Side } from '../term.ts'
import type { AdapterVariant } from './variant.ts'

const factorsOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Tensor => tensors.factors as Tensor

/** Kept as (C, 1) by output and (1, C) by input, with ones after them for a convolution. */
const sideOf = (module: Pick<AdapterModule, 'tensors'>): Side => (factorsOf(module).shape[0] === 1 ? 'input' : 'output')

export const ia3Peft: AdapterVariant = {
  name: 'ia3-peft',
  title: '(IA)³ of PEFT',
  spelling: { factors: { peft: ['.ia3_l', '.ia3_l.*'] } },
  needs: 'an (IA)³ module needs its factors.',
  takes: 'factors of',
  scaled: false,
  peft: {
    type: 'IA3',
    alpha: 'lora_alpha',
    fields: (modules) => ({
      feedforward_modules: modules
        .filter((module) => sideOf(module) === 'input')
        .map(({ path }) => path.replace(/^text_model\./, ''))
        .toSorted(),
    }),
  },

  fit([O = 0, I = 0, ...kernel], { factors }) {
    const [first = 0, second = 0, ...rest] = factors?.shape ?? []
    const ones = kernel.map(() => 1)
    const sound = factors !== undefined && rest.length === ones.length && rest.every((n) => n === 1)
    const none = { shapes: { factors: [O, 1, ...ones] } }
    if (!sound) return none
    if (ones.length > 0 && O === I && first === 1 && second === O)
      return {
        broken: `"${factors.name}" does not say whether it scales the ${O} channels that come in or those that go out: only the layer that was trained can tell.`,
      }
    if (first === 1 && second === I) return { shapes: { factors: [1, I, ...ones] } }
    if (ones.length > 0 && first === 1 && second === O) return { ...none, accepted: ['factors'] }
    return none
  },
  stored(module, dialect) {
    const { shape, data } = factorsOf(module)
    if (dialect !== 'peft') return module.tensors
    return shape.length > 2 ? { factors: { shape: [1, data.length, ...shape.slice(2)], data } } : module.tensors
  },
  rank: () => undefined,
  kinds: (module) => (sideOf(module) === 'output' ? ['gain', 'shift'] : ['gain']),
  async terms(module, base) {
    const { data: by } = factorsOf(module)
    const side = sideOf(module)
    const bias = side === 'output' ? await base.bias?.() : undefined
    return [{ kind: 'gain', side, by }, ...(bias ? [{ kind: 'shift' as const, by: bias.data.map((b, i) => ((by[i] ?? 1) - 1) * b) }] : [])]
  },
  values: (module) => [[factorsOf(module).data, 1]],
  distance: (module, other) =>
    factorsOf(module).data.length === factorsOf(other).data.length ? relativeL2(factorsOf(other).data, factorsOf(module).data) : Infinity,
}
