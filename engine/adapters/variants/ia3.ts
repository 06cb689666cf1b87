// Liu et al. 2022, "Few-shot parameter-efficient fine-tuning is better and cheaper" (arXiv 2205.05638), as LyCORIS keeps it: a vector w around 0, and
// W′ = (1 + w) ⊙ W by output row, or by input column where `on_input` is 1. The bias stays as it is. Reference: lycoris modules/ia3.py.
import { z } from 'zod'
import { add, mul, reshape } from '../../graph/math.ts'
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import type { TrainableVariant } from './variant.ts'

const vectorOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Float32Array => (tensors.vector as Tensor).data
const onInput = ({ tensors }: Pick<AdapterModule, 'tensors'>): boolean => (tensors.onInput as Tensor).data[0] === 1

/** (C), or (1, C, 1, 1) for a convolution. */
const shapeFor = (weight: readonly number[], channels: number): readonly number[] =>
  weight.length > 2 ? [1, channels, ...weight.slice(2).map(() => 1)] : [channels]

const options = z.object({})

export const ia3: TrainableVariant<typeof options> = {
  name: 'ia3',
  title: '(IA)³',
  sentence: 'Only makes channels stronger or weaker: the least there is to train, a tiny file, enough for a slight shift of style.',
  options,
  spelling: { vector: { kohya: ['.weight'] }, onInput: { kohya: ['.on_input'] } },
  beside: { vector: 'onInput' },
  settings: ['onInput'],
  needs: 'an (IA)³ module needs its factors and on_input.',
  takes: 'tensors of',
  scaled: false,

  fit(weight, { vector, onInput: side }) {
    const [outputs = 0, inputs = 0] = weight
    const count = vector?.shape.reduce((a, b) => a * b, 1) ?? 0
    if (side?.shape.some((n) => n !== 1)) return { broken: `"${side.name}" is one number, got shape [${side.shape.join(', ')}].` }
    const one = vector?.shape.filter((n) => n !== 1).length === 1 || count === 1
    const fits = one && (count === outputs || count === inputs)
    return {
      shapes: { vector: shapeFor(weight, fits ? count : outputs), onInput: [] },
      accepted: fits ? ['vector', 'onInput'] : ['onInput'],
    }
  },
  unsound(module, [outputs = 0, inputs = 0]) {
    const side = (module.tensors.onInput as Tensor).data[0]
    if (side !== 0 && side !== 1) return `on_input is ${side}, and may be 0 or 1.`
    const [expected, got] = [side === 1 ? inputs : outputs, vectorOf(module).length]
    return expected === got
      ? undefined
      : `it scales the ${side === 1 ? 'input' : 'output'} of ${expected} channels, and has ${got} factors.`
  },
  rank: () => undefined,
  kinds: () => ['gain'],
  terms: (module) => [{ kind: 'gain', side: onInput(module) ? 'input' : 'output', by: vectorOf(module).map((value) => 1 + value) }],
  values: (module) => [
    [vectorOf(module), 1],
    [(module.tensors.onInput as Tensor).data, 1],
  ],
  distance: (module, other) =>
    onInput(module) === onInput(other) && vectorOf(module).length === vectorOf(other).length
      ? relativeL2(vectorOf(other), vectorOf(module))
      : Infinity,

  training: {
    create: ({ path, weight }) => [
      { role: 'vector', name: `ia3.w/${path}`, shape: shapeFor(weight, weight[0] ?? 0), start: { kind: 'zeros' }, group: 'other' },
    ],
    apply(x, { vector }, layer) {
      if (!vector) return layer.output(x)
      return layer.biased(mul(layer.product(x), layer.byChannel(add(reshape(vector, [-1]), 1))))
    },
    members: 'averaged',
    split: ({ tensors }) => tensors,
    join(members) {
      const all = members.map(({ vector }) => vector as Tensor)
      const { shape = [], data = new Float32Array() } = all[0] ?? {}
      const mean = data.map((_, i) => all.reduce((sum, one) => sum + (one.data[i] ?? 0), 0) / all.length)
      return { vector: { shape, data: mean }, onInput: { shape: [], data: new Float32Array(1) } }
    },
    written: () => ({ module: 'lycoris.kohya', arguments: { algo: 'ia3' } }),
  },
}
