// Liu et al. 2024, "DoRA" (arXiv 2402.09353): W′ = m ⊙ V / ‖V‖ with V = W + (alpha / R)·B·A, a magnitude m for each output row, or each input column.
import { add, detach, div, matMul, mul, reduceSum, reshape, sqrt } from '../../graph/math.ts'
import type { Value } from '../../graph/graph.ts'
import { elementCount, relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { magnitudeFit, norms, sideOf, withMagnitude } from '../magnitude.ts'
import { lora, loraFields, pairOf, pairOptions, pairTrainables, throughPair } from './lora.ts'
import type { TrainableVariant } from './variant.ts'

const magnitudeOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Tensor => tensors.magnitude as Tensor

/** m / ‖W + s·B·A‖ by output row, (O). The norm is held still in the backward walk (section 4.3 of the paper; peft tuners/lora/dora.py). */
function gainOf(weight: Value, parts: Readonly<Record<string, Value>>, scale: number): Value {
  const { down, up, magnitude } = parts as Readonly<Record<'down' | 'up' | 'magnitude', Value>>
  const [outputs = 0, ...window] = weight.shape as number[]
  const inputs = elementCount(window)
  const delta = matMul(reshape(up, [outputs, -1]), reshape(down, [down.dim(0) as number, inputs]))
  const v = add(reshape(weight, [outputs, inputs]), mul(delta, scale))
  return div(reshape(magnitude, [outputs]), detach(sqrt(reduceSum(mul(v, v), [1], false))))
}

export const dora: TrainableVariant<typeof pairOptions> = {
  name: 'dora',
  title: 'DoRA',
  sentence: 'A LoRA that learns how strong each output is apart from its direction: often better at low ranks, for somewhat longer steps.',
  options: pairOptions,
  spelling: {
    ...lora.spelling,
    // kohya, LyCORIS, OneTrainer and ComfyUI · PEFT and diffusers · ai-toolkit.
    magnitude: {
      kohya: ['.dora_scale'],
      peft: ['.lora_magnitude_vector', '.lora_magnitude_vector.weight', '.lora_magnitude_vector.*', '.lora_magnitude_vector.*.weight'],
      other: ['.magnitude'],
    },
  },
  needs: 'a DoRA module needs a down, an up and a magnitude tensor.',
  takes: 'tensors of',
  scaled: true,
  inward: 'down',
  peft: { type: 'LORA', alpha: 'lora_alpha', fields: () => ({ ...loraFields, use_dora: true }) },

  fit(weight, parts) {
    const { magnitude } = parts
    const fit = lora.fit(weight, parts)
    if (!('shapes' in fit) || !magnitude) return fit
    const own = magnitudeFit(weight, magnitude)
    return { shapes: { ...fit.shapes, magnitude: own.shape }, ...(own.accepted ? { accepted: ['magnitude'] } : {}) }
  },
  stored(module, dialect) {
    const magnitude = magnitudeOf(module)
    if (dialect !== 'peft') return module.tensors
    if (sideOf(magnitude) === 'input') return { no: 'Its magnitudes stand by input, and PEFT has them by output alone.' }
    const [outputs = 0, , ...kernel] = magnitude.shape
    const shape = kernel.length > 0 ? [1, outputs, ...kernel] : [outputs]
    return { ...module.tensors, magnitude: { shape, data: magnitude.data } }
  },
  rank: (module) => lora.rank(module),
  kinds: () => ['gain', 'low-rank'],
  terms: (module, base) => withMagnitude({ kind: 'low-rank', ...pairOf(module) }, magnitudeOf(module), base),
  values: (module) => [...lora.values(module), [magnitudeOf(module).data, 1]],
  distance(module, other) {
    const [own, its] = [magnitudeOf(module), magnitudeOf(other)]
    return own.data.length === its.data.length ? Math.max(lora.distance(module, other), relativeL2(its.data, own.data)) : Infinity
  },

  training: {
    create(target, { rank }) {
      const [outputs = 0, , ...kernel] = target.weight
      const shape = [outputs, 1, ...kernel.map(() => 1)]
      const start = { kind: 'from-base', of: (base: Tensor) => norms(base, 'output') } as const
      return [...pairTrainables(target, rank), { role: 'magnitude', name: `dora.m/${target.path}`, shape, start, group: 'other' }]
    },
    apply(x, parts, layer, scale) {
      const gain = layer.graph.outsideSegments(() => layer.byChannel(gainOf(layer.weight(x), parts, scale)))
      return layer.biased(mul(add(layer.product(x), throughPair(x, parts, layer, scale)), gain))
    },
    members: { no: 'Several of them, averaged, are none: each is scaled by a norm of its own.' },
    split: (module, share) => ({ ...lora.training.split(module, share), magnitude: magnitudeOf(module) }),
    join(members) {
      const { shape, data } = magnitudeOf({ tensors: members[0] ?? {} })
      return { ...lora.training.join(members), magnitude: { shape, data: data.slice() } }
    },
    // LyCORIS' own words for it.
    written: () => ({ module: 'lycoris.kohya', arguments: { algo: 'lora', dora_wd: 'True', wd_on_output: 'True' } }),
  },
}
