// Hyeon-Woo et al. 2022, "FedPara" (arXiv 2108.06098), which LyCORIS calls LoHa: ΔW = (alpha / R) · (a₁·b₁) ⊙ (a₂·b₂). R rank, I inputs, O outputs.
// With middle tensors (LyCORIS' use_tucker, PEFT's use_effective_conv2d) a is kept as (R, O), and a half is Σ mid[p, q, y, x] · a[p, o] · b[q, i].
import { z } from 'zod'
import type { Value } from '../../graph/graph.ts'
import { add, matMul, mul, reshape } from '../../graph/math.ts'
import { elementCount, relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { magnitudeFit, withMagnitude } from '../magnitude.ts'
import { hadamardPair, kindOf, termOf, throughMiddle, transposed } from '../products.ts'
import { type Change, addTerm } from '../term.ts'
import type { StoredParts, TrainableVariant } from './variant.ts'

const options = z.object({ rank: z.int().min(1).default(16) })
const halves = ['hada1a', 'hada1b', 'hada2a', 'hada2b'] as const
const middles = ['hada1t', 'hada2t'] as const
const inward = ['hada1b', 'hada2b']

type Parts = Readonly<Record<(typeof halves)[number], Tensor> & Partial<Record<(typeof middles)[number] | 'magnitude', Tensor>>>
const partsOf = ({ tensors }: Pick<AdapterModule, 'tensors'>): Parts => tensors as unknown as Parts

const spelled = (name: string) => ({ kohya: [`.hada_${name}`], peft: [`.hada_${name}`, `.hada_${name}.*`] })
const rank = (module: Pick<AdapterModule, 'tensors'>): number => partsOf(module).hada1b.shape[0] ?? 0

/** (O, R) and (R, I·k·k). */
const half = (a: Tensor, b: Tensor, mid: Tensor | undefined): readonly [Tensor, Tensor] =>
  mid ? [transposed(a), throughMiddle(mid, b)] : [a, b]

/** (O, I·k·k). */
function sizes(module: Pick<AdapterModule, 'tensors'>): readonly [outputs: number, inputs: number] {
  const { hada1a, hada1b, hada1t } = partsOf(module)
  const [first = 0, second = 0] = hada1a.shape
  return [hada1t ? second : first, elementCount(hada1b.shape.slice(1)) * elementCount(hada1t?.shape.slice(2) ?? [])]
}

/** ΔW for a weight of `shape`. */
function change(module: AdapterModule, shape: readonly number[]): Change {
  const { hada1a, hada1b, hada1t, hada2a, hada2b, hada2t } = partsOf(module)
  const { up, down } = hadamardPair(...half(hada1a, hada1b, hada1t), ...half(hada2a, hada2b, hada2t))
  return termOf(up, down, module.alpha / rank(module), shape)
}

function dense(module: AdapterModule): Float32Array {
  const shape = sizes(module)
  const data = new Float32Array(elementCount(shape))
  addTerm(data, { shape, data }, change(module, shape), 1)
  return data
}

/** A convolution's window stands beside its inputs in files. */
const flat = ({ shape: [r = 0, ...window], data }: Tensor): Tensor => ({ shape: [r, elementCount(window)], data })

/** (O, R)·(R, I·k·k). */
const through = (a: Value, b: Value): Value => matMul(a, reshape(b, [b.dim(0) as number, -1]))

export const loha: TrainableVariant<typeof options> = {
  name: 'loha',
  title: 'LoHa',
  sentence:
    'Multiplies two low-rank changes number by number, so that rank R reaches as far as R²: choose it for rich styles in a small file.',
  options,
  spelling: {
    hada1a: spelled('w1_a'),
    hada1b: spelled('w1_b'),
    hada2a: spelled('w2_a'),
    hada2b: spelled('w2_b'),
    hada1t: spelled('t1'),
    hada2t: spelled('t2'),
    // PEFT has no magnitudes here.
    magnitude: { kohya: ['.dora_scale'] },
  },
  forms: [halves, [...halves, ...middles]].flatMap((roles) => [roles, [...roles, 'magnitude']]),
  needs: 'a LoHa module needs hada_w1_a, hada_w1_b, hada_w2_a and hada_w2_b, and hada_t1 and hada_t2 only together.',
  takes: 'tensors of',
  scaled: true,
  inward: 'hada1b',
  peft: {
    type: 'LOHA',
    alpha: 'alpha',
    fields(modules) {
      const tucker = modules.filter(({ tensors }) => tensors.hada1t).length
      const convolutions = modules.filter((module) => elementCount(partsOf(module).hada1b.shape.slice(2)) > 1).length
      if (tucker > 0 && convolutions > 0)
        return { no: 'Some of its convolutions have a middle tensor, and PEFT has one in all or in none.' }
      return { init_weights: true, module_dropout: 0, rank_dropout: 0, use_effective_conv2d: tucker > 0 }
    },
  },

  fit(weight, parts) {
    const [O = 0, I = 0, ...kernel] = weight
    const R = parts.hada1b?.shape[0] ?? 0
    const differing = differingRanks(parts)
    if (differing) return { broken: differing }
    if (R < 1) return { nothing: 'The rank of its module is 0, so that it changes nothing.' }
    const [a, b] = parts.hada1t ? [[R, O], [R, I]] : [[O, R], [R, I, ...kernel]] // prettier-ignore
    const mid = [R, R, ...kernel]
    const magnitude = parts.magnitude && magnitudeFit(weight, parts.magnitude)
    const shapes: Record<string, readonly number[]> = { hada1a: a, hada1b: b, hada2a: a, hada2b: b, hada1t: mid, hada2t: mid }
    // Files have a convolution's window beside its inputs: (R, I·k·k).
    const beside = [R, I * elementCount(kernel)].join()
    return {
      shapes: { ...shapes, ...(magnitude && { magnitude: magnitude.shape }) },
      accepted: [
        ...inward.filter((role) => !parts.hada1t && parts[role]?.shape.join() === beside),
        ...(magnitude?.accepted ? ['magnitude'] : []),
      ],
    }
  },
  stored: ({ tensors }) => ({ ...tensors, ...Object.fromEntries(inward.map((role) => [role, flat(tensors[role] as Tensor)])) }),
  rank,
  kinds(module) {
    const kind = kindOf(rank(module) ** 2, ...sizes(module))
    return module.tensors.magnitude ? ['gain', kind] : [kind]
  },
  terms(module, base) {
    const term = change(module, base.shape)
    const { magnitude } = module.tensors
    return magnitude ? withMagnitude(term, magnitude, base) : [term]
  },
  values: ({ tensors, alpha }) => Object.values(tensors).map(({ data }, i) => [data, i === 0 ? alpha / rank({ tensors }) : 1] as const),
  distance(module, other) {
    if (sizes(module).join() !== sizes(other).join()) return Infinity
    const [own, its] = [module.tensors.magnitude, other.tensors.magnitude]
    const apart = own && its ? relativeL2(its.data, own.data) : own || its ? Infinity : 0
    return Math.max(relativeL2(dense(other), dense(module)), apart)
  },

  training: {
    /** As LyCORIS starts it (lycoris/modules/loha.py): its rates are not PEFT's, which draws all three of kaiming's uniform. */
    create({ path, weight: [outputs = 0, ...window] }, { rank: R }) {
      const part = (role: string, shape: readonly number[], std: number) => {
        const start = std > 0 ? ({ kind: 'normal', std } as const) : ({ kind: 'zeros' } as const)
        return { role, name: `${role}/${path}`, shape, start, group: 'other' } as const
      }
      return [
        part('hada1a', [outputs, R], 0.1),
        part('hada1b', [R, ...window], 1),
        part('hada2a', [outputs, R], 0),
        part('hada2b', [R, ...window], 1),
      ]
    },
    apply(x, parts, layer, scale) {
      const { hada1a, hada1b, hada2a, hada2b } = parts as Readonly<Record<(typeof halves)[number], Value>>
      const weight = layer.graph.outsideSegments(() => {
        const delta = mul(mul(through(hada1a, hada1b), through(hada2a, hada2b)), scale)
        return add(layer.weight(x), reshape(delta, layer.shape))
      })
      return layer.biased(layer.through(x, weight))
    },
    members: { no: 'Products of factors, averaged, are none of such factors.' },
    split({ tensors, alpha }, share) {
      const first = tensors.hada1a as Tensor
      const scaled = { shape: first.shape, data: first.data.map((value) => (value * alpha) / share.alpha) }
      return { ...tensors, hada1a: scaled }
    },
    join: ([only = {}]) => Object.fromEntries(Object.entries(only).map(([role, { shape, data }]) => [role, { shape, data: data.slice() }])),
    written: () => ({ module: 'lycoris.kohya', arguments: { algo: 'loha' } }),
  },
}

function differingRanks(parts: StoredParts): string | undefined {
  const ranks = (role: string): readonly number[] => {
    const shape = parts[role]?.shape ?? []
    const inside = role.endsWith('b') || parts.hada1t ? shape[0] : shape[1]
    return role.endsWith('t') ? shape.slice(0, 2) : [inside ?? 0]
  }
  const named = [...halves, ...middles].filter((role) => parts[role]?.name)
  if (new Set(named.flatMap(ranks)).size === 1) return undefined
  return `the ranks differ: ${named.map((role) => `"${parts[role]?.name}" is [${parts[role]?.shape.join(', ')}]`).join(', ')}.`
}
