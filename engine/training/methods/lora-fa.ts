// Zhang et al. 2023, "LoRA-FA" (arXiv 2308.03303): A stays as it was drawn and B alone learns, so that no layer keeps its input for A's gradient, and moments
// are half as many. References: sd-scripts networks/lora_fa.py for the draw, peft optimizers/lorafa.py for the gradient.
import { z } from 'zod'
import type { Adapter } from '../../adapters/adapter.ts'
import { pairTrainables } from '../../adapters/variants/lora.ts'
import { product, gram } from '../../linear-algebra/product.ts'
import { matrixOf, timesColumns, transpose, zeros, type Matrix } from '../../linear-algebra/matrix.ts'
import { symmetricEigen } from '../../linear-algebra/svd.ts'
import { randomStream } from '../../tensor/philox.ts'
import { elementCount, type Tensor } from '../../tensor/tensor.ts'
import type { Frozen, Plan } from '../plan.ts'
import { memberShape } from '../variant-of-request.ts'
import type { TrainingMethod } from './method.ts'
import { onlyPairs, openPairs } from './pairs.ts'

const options = z.object({
  rank: z.int().min(1).default(16),
  draw: z.enum(['paper', 'kaiming']).default('paper').meta({
    description: 'how A is drawn: N(0, 2/(I+R)) for I inputs as in the paper and sd-scripts, or as in a LoRA of PEFT',
  }),
  projected: z.boolean().default(true).meta({
    description: 'the gradient of B is made the one that comes nearest to that of the whole weight: g·(A·Aᵀ)⁻¹/s², as in PEFT',
  }),
})

/** What is added to A·Aᵀ, as in PEFT. */
const delta = 1e-8
/** Of fp32, by which torch takes singular values for zero. */
const epsilon = 2 ** -23

/** (A·Aᵀ + δ)⁺ / s², symmetric, for A (R, …) and the scale s of its layer. */
export function projection(a: Tensor, scale: number): Matrix {
  const square = gram(matrixOf(a))
  const rank = square.rows
  for (let i = 0; i < rank; i++) square.data[i * rank + i] = (square.data[i * rank + i] as number) + delta
  const { values, vectors } = symmetricEigen(square)
  const least = Math.abs(values[0] ?? 0) * rank * epsilon
  const inverse = values.map((value) => (value > least ? 1 / (value * scale ** 2) : 0))
  return product(timesColumns(vectors, inverse), transpose(vectors))
}

/** g ← g·P in place, for g (O, R, …). */
function project({ shape: [rows = 0, columns = 0], data }: Tensor, by: Matrix): void {
  const g = zeros(rows, columns)
  g.data.set(data)
  data.set(product(g, by).data)
}

export const loraFa: TrainingMethod<typeof options> = {
  name: 'lora-fa',
  title: 'LoRA-FA',
  sentence:
    'A LoRA whose first matrix stays as it was drawn, so that half as much is learnt and fewer values are kept for it: choose it where memory is short.',
  options,
  members: 'joined',
  fits: (request) => onlyPairs('LoRA-FA', request),
  learnt: (target, _request, { rank }) => pairTrainables(target, rank).flatMap(({ group, shape }) => (group === 'up' ? [shape] : [])),
  metadata: (chosen) => ({ ss_network_module: 'networks.lora_fa', 'pigment.lora_fa': JSON.stringify(chosen) }),

  open(at, { draw, projected }) {
    const opened = openPairs(at)
    const { layers } = opened
    const { rank, alpha } = memberShape(at.request)
    const pairs = () =>
      layers.modules.map(({ trainables }) => {
        const [down, up] = ['down', 'up'].map((role) => trainables.find((one) => one.role === role)?.name ?? '')
        return { down, up } as { readonly down: string; readonly up: string }
      })
    return {
      ...opened,
      trainedOf() {
        const learn = new Set(pairs().map(({ up }) => up))
        return layers.trained.filter(({ name }) => learn.has(name))
      },
      plan(initial): Plan<Adapter> {
        const whole = opened.plan(initial)
        const all = pairs()
        const still = new Set(all.map(({ down }) => down))
        const frozen = whole.trainables
          .filter(({ name }) => still.has(name))
          .map((one): Frozen => (initial || draw === 'kaiming' ? one : { ...one, start: ({ seed }) => drawn(one, seed) }))
        const projections = new Map<number, readonly Matrix[]>()
        return {
          ...whole,
          trainables: whole.trainables.filter(({ name }) => !still.has(name)),
          frozen,
          beforeUpdate({ member, gradient, frozen }) {
            if (!projected) return
            const own = projections.get(member.index) ?? all.map(({ down }) => projection(frozen[down] as Tensor, alpha / rank))
            projections.set(member.index, own)
            for (const [i, { up }] of all.entries()) project(gradient[up] as Tensor, own[i] as Matrix)
          },
          result: (members) => whole.result(members.map((one) => ({ ...one, theta: { ...one.theta, ...one.frozen } }))),
        }
      },
    }
  },
}

/** N(0, 2/(I+R)); I counts channels, also of a convolution. */
function drawn({ name, shape }: Frozen, seed: number): Float32Array {
  const [rank = 0, inputs = 0] = shape
  const deviation = Math.sqrt(2 / (inputs + rank))
  return randomStream(seed, name, 0)
    .normal(elementCount(shape))
    .map((x) => x * deviation)
}
