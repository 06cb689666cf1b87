// Yeh et al. 2024, "LyCORIS" (arXiv 2309.14859): LoKr, ΔW = s · w₁ ⊗ w₂, each factor whole or a product of two: w₁ (a, c), w₂ (b, d, k, k) with
// O = a·b and I = c·d. s = alpha / R where a factor is a product; two whole factors have 1 in LyCORIS and ComfyUI, whatever alpha they are saved
// with, and alpha / r in PEFT. With a middle tensor w₂ is Σ t₂[p, q, y, x] · w₂ₐ[p, b] · w₂ᵦ[q, d].
import { z } from 'zod'
import type { Value } from '../../graph/graph.ts'
import { add, matMul, mul, reshape } from '../../graph/math.ts'
import { elementCount, relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { factorKind, factorRank, factorShapes, factorsOf, factorTerm } from '../kronecker-factors.ts'
import { division, peftDivision, staysWhole } from '../kronecker-sizes.ts'
import { magnitudeFit, withMagnitude } from '../magnitude.ts'
import { addTerm } from '../term.ts'
import type { StoredParts, Tensors, TrainableVariant } from './variant.ts'

const options = z.object({
  rank: z.int().min(1).default(16),
  factor: z.int().min(-1).max(1024).default(-1).meta({
    description: 'what the sides of a weight are divided by; -1 for the most even division',
    step: 1,
  }),
})

const spelled = (name: string) => ({ kohya: [`.lokr_${name}`], peft: [`.lokr_${name}`, `.lokr_${name}.*`] })
const firsts = [['w1'], ['w1a', 'w1b']]
const seconds = [['w2'], ['w2a', 'w2b'], ['w2a', 'w2b', 'w2t']]

function dense(module: AdapterModule): Float32Array {
  const { first, second, window } = factorShapes(module)
  const shape = [first[0] * second[0], first[1] * second[1] * window]
  const data = new Float32Array(elementCount(shape))
  addTerm(data, { shape, data }, factorTerm(module, shape), 1)
  return data
}

const times = ({ shape, data }: Tensor, by: number): Tensor => ({ shape, data: by === 1 ? data : data.map((value) => value * by) })

export const lokr: TrainableVariant<typeof options> = {
  name: 'lokr',
  title: 'LoKr',
  sentence:
    'Builds the change of a layer from repeated small blocks (a Kronecker product): choose it for the smallest files, for a style more than for details.',
  options,
  spelling: {
    w1: spelled('w1'),
    w1a: spelled('w1_a'),
    w1b: spelled('w1_b'),
    w2: spelled('w2'),
    w2a: spelled('w2_a'),
    w2b: spelled('w2_b'),
    w2t: spelled('t2'),
    // PEFT has no magnitudes here.
    magnitude: { kohya: ['.dora_scale'] },
  },
  forms: firsts.flatMap((first) =>
    seconds.flatMap((second) => [
      [...first, ...second],
      [...first, ...second, 'magnitude'],
    ]),
  ),
  needs: 'a LoKr module needs lokr_w1 and lokr_w2, or in the place of one its two halves, as lokr_w2_a and lokr_w2_b.',
  takes: 'tensors of',
  scaled: true,
  peft: {
    type: 'LOKR',
    alpha: 'alpha',
    scale: ({ alpha, rank }) => alpha / rank,
    builtFrom(module) {
      const { first, second } = factorShapes(module)
      return factorRank(module) ?? Math.max(...first, ...second)
    },
    fields: peftDivision,
  },

  fit(weight, parts) {
    const [O = 0, I = 0, ...kernel] = weight
    const side = (role: string, i: number): number => parts[role]?.shape[i] ?? 0
    const differing = differingRanks(parts)
    if (differing) return { broken: differing }
    const [R1, R2] = [side('w1b', 0), side('w2b', 0)]
    if ((parts.w1b && R1 < 1) || (parts.w2b && R2 < 1)) return { nothing: 'The rank of its module is 0, so that it changes nothing.' }
    const [a, c] = parts.w1 ? [side('w1', 0), side('w1', 1)] : [side('w1a', 0), side('w1b', 1)]
    const [b, d] = [O / a, I / c]
    if (!Number.isInteger(b) || !Number.isInteger(d))
      return { unfit: `has a first factor of [${a}, ${c}], which does not divide its weight of [${weight.join(', ')}]` }
    const magnitude = parts.magnitude && magnitudeFit(weight, parts.magnitude)
    const flat = !parts.w2t && parts.w2b?.shape.join() === [R2, d * elementCount(kernel)].join()
    return {
      shapes: {
        w1: [a, c],
        w1a: [a, R1],
        w1b: [R1, c],
        w2: [b, d, ...kernel],
        w2a: parts.w2t ? [R2, b] : [b, R2],
        w2b: parts.w2t ? [R2, d] : [R2, d, ...kernel],
        w2t: [R2, R2, ...kernel],
        ...(magnitude && { magnitude: magnitude.shape }),
      },
      accepted: [...(flat ? ['w2b'] : []), ...(magnitude?.accepted ? ['magnitude'] : [])],
    }
  },
  /** A convolution's window stands beside the inputs of a half; LyCORIS has no scale for two whole factors. */
  stored(module, dialect): Tensors {
    const { w1, w2b } = factorsOf(module)
    const beside = w2b && { w2b: { shape: [w2b.shape[0] ?? 0, elementCount(w2b.shape.slice(1))], data: w2b.data } }
    const scaled = dialect !== 'peft' && factorRank(module) === undefined && w1 && { w1: times(w1, module.alpha) }
    return { ...module.tensors, ...beside, ...scaled }
  },
  rank: factorRank,
  alphaOf: (module, told) => (factorRank(module) === undefined ? 1 : told),
  kinds: (module) => [...(module.tensors.magnitude ? (['gain'] as const) : []), factorKind(module)],
  terms(module, base) {
    const term = factorTerm(module, base.shape)
    const { magnitude } = module.tensors
    return magnitude ? withMagnitude(term, magnitude, base) : [term]
  },
  values(module) {
    const scale = module.alpha / (factorRank(module) ?? 1)
    return Object.values(module.tensors).map(({ data }, i) => [data, i === 0 ? scale : 1] as const)
  },
  distance(module, other) {
    const [own, its] = [dense(module), dense(other)]
    const [m, n] = [module.tensors.magnitude, other.tensors.magnitude]
    if (own.length !== its.length || !m !== !n) return Infinity
    return Math.max(relativeL2(its, own), m && n ? relativeL2(n.data, m.data) : 0)
  },

  training: {
    /** As LyCORIS starts it (lycoris/modules/lokr.py): kaiming's uniform with a = √5, and the last of the second factor zero. */
    create({ path, weight }, { rank, factor }) {
      const { first, second } = division(weight, factor)
      const [[a, c], [b, d], kernel] = [first, second, weight.slice(2)]
      const part = (role: string, shape: readonly number[], fan?: number) => {
        const start = fan === undefined ? ({ kind: 'zeros' } as const) : ({ kind: 'uniform', bound: 1 / Math.sqrt(fan) } as const)
        return { role, name: `lokr.${role}/${path}`, shape, start, group: 'other' } as const
      }
      const whole = staysWhole(rank, second)
      const last = whole ? [part('w2', [b, d, ...kernel])] : [part('w2a', [b, rank], rank), part('w2b', [rank, d, ...kernel])]
      return [part('w1', [a, c], c), ...last]
    },
    apply(x, parts, layer, scale) {
      const { w1, w2, w2a, w2b } = parts as Readonly<Record<'w1', Value> & Partial<Record<'w2' | 'w2a' | 'w2b', Value>>>
      const weight = layer.graph.outsideSegments(() => {
        const [a = 0, c = 0] = w1.shape as number[]
        const b = (layer.shape[0] ?? 0) / a
        const second = w2a && w2b ? matMul(w2a, reshape(w2b, [w2b.dim(0) as number, -1])) : (w2 as Value)
        const delta = mul(reshape(w1, [a, 1, c, 1]), reshape(second, [1, b, 1, elementCount(layer.shape.slice(1)) / c]))
        return add(layer.weight(x), reshape(w2 ? delta : mul(delta, scale), layer.shape))
      })
      return layer.biased(layer.through(x, weight))
    },
    members: { no: 'Kronecker products, averaged, are none of such factors.' },
    split(module, { alpha }) {
      const scale = factorRank(module) === undefined ? module.alpha : module.alpha / alpha
      const [first = 'w1'] = ['w1', 'w1a'].filter((role) => role in module.tensors)
      return { ...module.tensors, [first]: times(module.tensors[first] as Tensor, scale) }
    },
    join: ([only = {}]) => Object.fromEntries(Object.entries(only).map(([role, { shape, data }]) => [role, { shape, data: data.slice() }])),
    written: ({ factor }) => ({ module: 'lycoris.kohya', arguments: { algo: 'lokr', factor: String(factor) } }),
  },
}

function differingRanks(parts: StoredParts): string | undefined {
  const inner = (role: string, i: number): readonly number[] => (parts[role] ? [parts[role].shape[i] ?? 0] : [])
  const first = [...inner('w1a', 1), ...inner('w1b', 0)]
  const second = [...inner('w2a', parts.w2t ? 0 : 1), ...inner('w2b', 0), ...inner('w2t', 0), ...inner('w2t', 1)]
  if (new Set(first).size < 2 && new Set(second).size < 2) return undefined
  const named = Object.values(parts).map(({ name, shape }) => `"${name}" is [${shape.join(', ')}]`)
  return `the ranks differ: ${named.join(', ')}.`
}
