// Liu et al. 2024, "DoRA" (arXiv 2402.09353): W′ = m ⊙ V / ‖V‖ with V = W + (alpha / R)·B·A, a magnitude m for each output row, or each input column.
//
// With g = m / ‖V‖ this is W′ − W = (g − 1) ⊙ W + (alpha / R)·(g ⊙ B)·A, a gain and a pair, so that strengths are inputs of the graph. At a strength w
// it is W + w·(W′ − W), as ComfyUI and A1111 have it; LyCORIS' `multiplier` acts inside V as well. The norm is that of V (peft, LyCORIS, kohya);
// ComfyUI divides by ‖W‖ where magnitudes stand by output. LyCORIS adds the epsilon of the dtype to the norm, which is below what fp32 shows.
import { add, detach, div, matMul, mul, reduceSum, reshape, sqrt } from '../../graph/math.ts'
import type { Value } from '../../graph/graph.ts'
import { elementCount, relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { addLowRank, type LowRank } from '../low-rank.ts'
import type { Side } from '../term.ts'
import { lora, pairOf, throughPair } from './lora.ts'
import type { TrainableVariant } from './variant.ts'

const magnitudeOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Tensor => tensors.magnitude as Tensor

/** (O, 1, …) by output, (1, I, …) by input. */
const sideOf = ({ shape: [first = 0, second = 1] }: Tensor): Side => (first === 1 && second > 1 ? 'input' : 'output')

/** ‖W‖ of each output row, or each input column, of (O, I, …). */
function norms({ shape, data }: Tensor, side: Side): Float32Array {
  const [outputs = 0, inputs = 0] = shape
  const window = data.length / (outputs * inputs)
  const squares = new Float64Array(side === 'output' ? outputs : inputs)
  for (let i = 0; i < data.length; i++) {
    const channel = side === 'output' ? Math.floor(i / (inputs * window)) : Math.floor(i / window) % inputs
    squares[channel] = (squares[channel] ?? 0) + (data[i] ?? 0) ** 2
  }
  return Float32Array.from(squares, Math.sqrt)
}

/** g ⊙ B, or A with its columns scaled. */
function scaledPair({ down, up, alpha }: LowRank, side: Side, by: Float32Array): LowRank {
  if (side === 'output') {
    const rank = up.data.length / by.length
    return { down, up: { shape: up.shape, data: up.data.map((value, i) => value * (by[Math.floor(i / rank)] ?? 1)) }, alpha }
  }
  const window = elementCount(down.shape.slice(2))
  const scaled = down.data.map((value, i) => value * (by[Math.floor(i / window) % by.length] ?? 1))
  return { down: { shape: down.shape, data: scaled }, up, alpha }
}

/** m / ‖W + s·B·A‖ by output row, (O). The norm is held still in the backward walk (section 4.3 of the paper; peft tuners/lora/dora.py). */
function gainOf(weight: Value, parts: Readonly<Record<string, Value>>, scale: number): Value {
  const { down, up, magnitude } = parts as Readonly<Record<'down' | 'up' | 'magnitude', Value>>
  const [outputs = 0, ...window] = weight.shape as number[]
  const inputs = elementCount(window)
  const delta = matMul(reshape(up, [outputs, -1]), reshape(down, [down.dim(0) as number, inputs]))
  const v = add(reshape(weight, [outputs, inputs]), mul(delta, scale))
  return div(reshape(magnitude, [outputs]), detach(sqrt(reduceSum(mul(v, v), [1], false))))
}

export const dora: TrainableVariant<typeof lora.options> = {
  name: 'dora',
  title: 'DoRA',
  options: lora.options,
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
  peft: { type: 'LORA', alpha: 'lora_alpha', fields: { use_dora: true } },

  fit(weight, parts) {
    const { magnitude } = parts
    const fit = lora.fit(weight, parts)
    if (!('shapes' in fit) || !magnitude) return fit
    const [O = 0, I = 0, ...kernel] = weight
    const [first = 0, second = 1, ...rest] = magnitude.shape
    const ones = kernel.map(() => 1)
    const plain = rest.every((side) => side === 1)
    // Only LyCORIS' key has magnitudes by input; PEFT's convolutions have (1, O, 1, 1).
    const byInput = magnitude.name.endsWith('.dora_scale') && first === 1 && second === I && second > 1
    const byOutput = (first === O && second === 1) || (first === 1 && second === O)
    return {
      shapes: { ...fit.shapes, magnitude: byInput ? [1, I, ...ones] : [O, 1, ...ones] },
      ...(plain && (byInput || byOutput) ? { accepted: ['magnitude'] } : {}),
    }
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
  async terms(module, base) {
    const [{ shape, data }, pair, magnitude] = [await base.read(), pairOf(module), magnitudeOf(module)]
    const side = sideOf(magnitude)
    const v = data.slice()
    addLowRank(v, pair, 1)
    const lengths = norms({ shape, data: v }, side)
    const by = magnitude.data.map((m, i) => (lengths[i] ? m / lengths[i] : 1))
    return [
      { kind: 'gain', side, by },
      { kind: 'low-rank', ...scaledPair(pair, side, by) },
    ]
  },
  values: (module) => [...lora.values(module), [magnitudeOf(module).data, 1]],
  distance(module, other) {
    const [own, its] = [magnitudeOf(module), magnitudeOf(other)]
    return own.data.length === its.data.length ? Math.max(lora.distance(module, other), relativeL2(its.data, own.data)) : Infinity
  },

  training: {
    create(target, options) {
      const [outputs = 0, , ...kernel] = target.weight
      const shape = [outputs, 1, ...kernel.map(() => 1)]
      const start = { kind: 'from-base', of: (base: Tensor) => norms(base, 'output') } as const
      return [...lora.training.create(target, options), { role: 'magnitude', name: `dora.m/${target.path}`, shape, start, group: 'other' }]
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
    written: { module: 'lycoris.kohya', arguments: { algo: 'lora', dora_wd: 'True', wd_on_output: 'True' } },
  },
}
