// Hu et al. 2021, "LoRA" (arXiv 2106.09685), and LoCon, the same for convolutions: ΔW = (alpha / R) · up · down. R rank, I inputs, O outputs.
import { z } from 'zod'
import type { Value } from '../../graph/graph.ts'
import { mul, sub } from '../../graph/math.ts'
import type { FrozenLayer } from '../../nn/frozen-layer.ts'
import { startNames } from '../../requests/training-names.ts'
import { elementCount, type Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import { lowRankDistance, rankOf, scaleOf, type LowRank } from '../low-rank.ts'
import { inputNameA, inputNameB } from '../stack-inputs.ts'
import type { PairUse, Trainable } from './training.ts'
import type { Target, TrainableVariant } from './variant.ts'

const share = z.number().min(0).lt(1).default(0)
const options = z.object({
  rank: z.int().min(1).default(16),
  start: z.enum(startNames).default('standard'),
  dropout: share,
  rankDropout: share,
  moduleDropout: share,
})

/** Of those that have a pair of a rank and no more. */
export const pairOptions = options.pick({ rank: true })

/** What PEFT's config of LoRA has beside alpha and rank. */
export const loraFields = {
  bias: 'none',
  fan_in_fan_out: false,
  init_lora_weights: true,
  lora_dropout: 0,
  use_dora: false,
  use_rslora: false,
}

/** A module's pair. */
export const pairOf = ({ tensors, alpha }: Pick<AdapterModule, 'tensors' | 'alpha'>): LowRank => {
  return { down: tensors.down as Tensor, up: tensors.up as Tensor, alpha }
}

/** The module that a pair makes. */
export const loraModule = (where: Pick<AdapterModule, 'component' | 'path'>, { down, up, alpha }: LowRank): AdapterModule => {
  return { component: where.component, path: where.path, variant: 'lora', tensors: { down, up }, alpha }
}

/** A as kaiming-uniform with a = √5, which is U(±1/√fan_in); B zero. Reference: peft LoraLayer.reset_lora_parameters. */
export function pairTrainables({ path, weight: [outputs = 0, ...window] }: Target, rank: number): readonly Trainable[] {
  const bound = 1 / Math.sqrt(elementCount(window))
  const ones = window.slice(1).map(() => 1)
  return [
    { role: 'down', name: inputNameA(path), shape: [rank, ...window], start: { kind: 'uniform', bound }, group: 'down' },
    { role: 'up', name: inputNameB(path), shape: [outputs, rank, ...ones], start: { kind: 'zeros' }, group: 'up' },
  ]
}

/** s·B·A·x in the graph, with s multiplied into B. */
export function throughPair(x: Value, parts: Readonly<Record<string, Value>>, layer: FrozenLayer, scale: number, use: PairUse = {}): Value {
  const { down, up } = parts as { readonly down: Value; readonly up: Value }
  const [a, b] = layer.graph.outsideSegments(() => [layer.asUsed(down), mul(layer.asUsed(up), scale)] as const)
  const inside = layer.through(x, a)
  const added = layer.mix(use.drop ? use.drop(inside) : inside, b)
  return use.held ? sub(added, throughPair(x, use.held, layer, scale)) : added
}

export const lora: TrainableVariant<typeof options> = {
  name: 'lora',
  title: 'LoRA',
  sentence:
    'Adds the product of two small matrices to each layer: the standard, which every program reads. Choose it unless you have a reason not to.',
  options,
  // Of kohya, PEFT and diffusers of today, and diffusers' three earlier generations.
  spelling: {
    down: {
      kohya: ['.lora_down.weight'],
      peft: ['.lora_A.weight', '.lora_A.*.weight', '.lora_A'],
      other: ['.lora_linear_layer.down.weight', '.lora.down.weight', '_lora.down.weight'],
    },
    up: {
      kohya: ['.lora_up.weight'],
      peft: ['.lora_B.weight', '.lora_B.*.weight', '.lora_B'],
      other: ['.lora_linear_layer.up.weight', '.lora.up.weight', '_lora.up.weight'],
    },
  },
  needs: 'a pair needs both a down and an up tensor.',
  takes: 'a pair of',
  scaled: true,
  inward: 'down',
  peft: { type: 'LORA', alpha: 'lora_alpha', fields: () => loraFields },

  fit([O = 0, I = 0, ...kernel], { down, up }) {
    const [downShape, upShape] = [down?.shape ?? [], up?.shape ?? []]
    const rank = downShape[0] ?? 0
    if (upShape[1] !== rank)
      return {
        broken: `the ranks differ: "${down?.name}" is [${downShape.join(', ')}], "${up?.name}" is [${upShape.join(', ')}].`,
        facts: { downShape, upShape },
      }
    if (rank < 1) return { nothing: 'The rank of its module is 0, so that it changes nothing.' }
    return { shapes: { down: [rank, I, ...kernel], up: [O, rank, ...kernel.map(() => 1)] } }
  },
  rank: (module) => rankOf(pairOf(module)),
  kinds: () => ['low-rank'],
  terms: (module) => [{ kind: 'low-rank', ...pairOf(module) }],
  values(module) {
    const pair = pairOf(module)
    return [
      [pair.down.data, 1],
      [pair.up.data, scaleOf(pair)],
    ]
  },
  distance: (module, other) => lowRankDistance(pairOf(module), pairOf(other)),

  training: {
    boundedPair: true,
    create: (target, { rank }) => pairTrainables(target, rank),
    apply: (x, parts, layer, scale, use) => layer.output(x, () => throughPair(x, parts, layer, scale, use)),
    /**
     * Updates of members are averaged, ΔW = (alpha / R) · Σ Bₘ · Aₘ / M, which one pair of rank R says exactly: its A are the members' one below the
     * other, its B theirs side by side over M. Averages of weights that were trained apart generalise better than the single ones (Wortsman et al.
     * 2022, "Model soups", arXiv 2203.05482).
     */
    members: 'averaged',
    split(module, { member, members, alpha }) {
      const { down, up } = pairOf(module)
      const rank = rankOf({ down })
      const own = rank / members
      const [, ...window] = down.shape
      const [outputs = 0, , ...ones] = up.shape
      const size = own * elementCount(window)
      // ΔW = (alpha / R) · B · A: another alpha is made up for in B, and so is the average.
      const b = new Float32Array(outputs * own)
      for (let i = 0; i < b.length; i++)
        b[i] = ((up.data[Math.floor(i / own) * rank + member * own + (i % own)] ?? 0) * module.alpha * members) / alpha
      return {
        down: { shape: [own, ...window], data: down.data.subarray(member * size, (member + 1) * size) },
        up: { shape: [outputs, own, ...ones], data: b },
      }
    },
    join(members) {
      const [a, b] = [members.map(({ down }) => down as Tensor), members.map(({ up }) => up as Tensor)]
      const [own = 0, ...window] = a[0]?.shape ?? []
      const [outputs = 0, , ...ones] = b[0]?.shape ?? []
      const rank = own * members.length
      const down = new Float32Array(rank * elementCount(window))
      a.forEach(({ data }, k) => down.set(data, k * data.length))
      const up = new Float32Array(outputs * rank)
      b.forEach(({ data }, k) =>
        data.forEach((value, i) => (up[Math.floor(i / own) * rank + k * own + (i % own)] = value / members.length)),
      )
      return { down: { shape: [rank, ...window], data: down }, up: { shape: [outputs, rank, ...ones], data: up } }
    },
    written: () => ({ module: 'networks.lora' }),
  },
}
