// LoCon with a middle tensor (LyCORIS' use_tucker, before it use_cp): ΔW[o, i, y, x] = (alpha / R) · Σ up[o, a] · mid[a, b, y, x] · down[b, i], which is
// the pair of `up` with `mid` through `down`, of the same rank.
import { relativeL2, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { lowRankDistance, type LowRank } from '../low-rank.ts'
import { magnitudeFit, withMagnitude } from '../magnitude.ts'
import { throughMiddle } from '../products.ts'
import { lora } from './lora.ts'
import type { AdapterVariant } from './variant.ts'

function pairOf({ tensors, alpha }: AdapterModule): LowRank {
  const { down, mid, up } = tensors as Readonly<Record<'down' | 'mid' | 'up', Tensor>>
  const [rank = 0, , ...kernel] = mid.shape
  return { down: { shape: [rank, down.shape[1] ?? 0, ...kernel], data: throughMiddle(mid, down).data }, up, alpha }
}

export const tucker: AdapterVariant = {
  name: 'tucker',
  title: 'LoCon with a middle tensor (Tucker)',
  spelling: {
    ...lora.spelling,
    mid: { kohya: ['.lora_mid.weight'] },
    // PEFT has no middle tensors.
    magnitude: { kohya: ['.dora_scale'] },
  },
  forms: [
    ['down', 'mid', 'up'],
    ['down', 'mid', 'up', 'magnitude'],
  ],
  needs: 'a module with a middle tensor needs lora_down, lora_mid and lora_up.',
  takes: 'tensors of',
  scaled: true,
  inward: 'down',

  fit(weight, { down, mid, up, magnitude }) {
    const [O = 0, I = 0, ...kernel] = weight
    const R = down?.shape[0] ?? 0
    const ranks = [R, mid?.shape[0], mid?.shape[1], up?.shape[1]]
    if (new Set(ranks).size > 1) {
      const named = [down, mid, up].map((part) => `"${part?.name}" is [${part?.shape.join(', ')}]`)
      return { broken: `the ranks differ: ${named.join(', ')}.` }
    }
    if (R < 1) return { nothing: 'The rank of its module is 0, so that it changes nothing.' }
    const own = magnitude && magnitudeFit(weight, magnitude)
    const ones = kernel.map(() => 1)
    return {
      shapes: { down: [R, I, ...ones], mid: [R, R, ...kernel], up: [O, R, ...ones], ...(own && { magnitude: own.shape }) },
      accepted: own?.accepted ? ['magnitude'] : [],
    }
  },
  rank: ({ tensors }) => tensors.down?.shape[0],
  kinds: ({ tensors }) => (tensors.magnitude ? ['gain', 'low-rank'] : ['low-rank']),
  terms(module, base) {
    const term = { kind: 'low-rank', ...pairOf(module) } as const
    const { magnitude } = module.tensors
    return magnitude ? withMagnitude(term, magnitude, base) : [term]
  },
  values(module) {
    const scale = module.alpha / (module.tensors.down?.shape[0] ?? 1)
    const roles = ['down', 'up', 'mid', 'magnitude'].filter((role) => role in module.tensors)
    return roles.map((role, i) => [module.tensors[role]?.data ?? new Float32Array(), i === 0 ? scale : 1] as const)
  },
  distance(module, other) {
    const [own, its] = [module.tensors.magnitude, other.tensors.magnitude]
    if (!own !== !its) return Infinity
    return Math.max(lowRankDistance(pairOf(module), pairOf(other)), own && its ? relativeL2(its.data, own.data) : 0)
  },
}
