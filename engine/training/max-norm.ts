// Max-norm regularisation: after each step ‖s·B·A‖ of a layer is at most a bound, by scaling both matrices with the root of what is too much.
// Reference: sd-scripts networks/lora.py, apply_max_norm_regularization (`--scale_weight_norms`).
import { PigmentError } from '../requests/error.ts'
import type { TrainRequest } from '../requests/train.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { AdaptedLayers } from './adapted-layers.ts'
import { pairStartOf } from './pair-start.ts'
import type { Plan } from './plan.ts'
import { variantOf } from './variant-of-request.ts'

/** Throws `max-norm-variant`, `max-norm-start`: only a plain pair is the product that is bounded. */
export function maxNormRules(request: Partial<TrainRequest>): void {
  if (request.maxNorm === undefined) return
  const { variant } = variantOf(request)
  if (!variant.training.boundedPair) {
    const sentence = `Max-norm bounds the product of a pair of matrices, and ${variant.title} adds something else. Leave --max-norm out, or train a LoRA.`
    throw new PigmentError('max-norm-variant', sentence, { variant: variant.title })
  }
  const { title, taken } = pairStartOf(request).one
  if (!taken) return
  const sentence = `${title} takes its pair out of the weight: what it adds is no product that could be scaled. Leave --max-norm out, or choose another start.`
  throw new PigmentError('max-norm-start', sentence, { start: title })
}

/** Tells how many layers were scaled down at a step (`scaledLayers`), and the mean norm of all (`meanNorm`). */
export function limitedNorms(
  { modules }: Pick<AdaptedLayers, 'modules'>,
  max: number | undefined,
): Pick<Plan<unknown>, 'afterUpdate' | 'told'> {
  if (max === undefined) return {}
  const pairs = modules.flatMap(({ trainables, shape }) => {
    const name = (role: string): string => trainables.find((one) => one.role === role)?.name ?? ''
    // One that does not learn stays as it is.
    return shape.rate > 0 ? { down: name('down'), up: name('up'), scale: shape.alpha / shape.rank } : []
  })
  let told = { scaledLayers: 0, meanNorm: 0 }
  return {
    afterUpdate({ theta }) {
      let [scaledLayers, sum] = [0, 0]
      for (const { down, up, scale } of pairs) {
        const [A, B] = [theta[down] as Tensor, theta[up] as Tensor]
        const norm = scale * productNorm(B, A)
        const ratio = Math.min(1, max / Math.max(norm, Number.MIN_VALUE))
        sum += norm * ratio
        if (ratio === 1) continue
        scaledLayers++
        const root = Math.sqrt(ratio)
        for (const { data } of [A, B]) for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * root
      }
      told = { scaledLayers, meanNorm: sum / Math.max(1, pairs.length) }
    },
    told: () => told,
  }
}

/** ‖B·A‖ (Frobenius) as √tr((BᵀB)(AAᵀ)): of R × R sums alone, A (R, I…) and B (O, R, 1…). */
export function productNorm(B: Tensor, A: Tensor): number {
  const R = A.shape[0] ?? 0
  const inputs = A.data.length / Math.max(1, R)
  const outputs = B.data.length / Math.max(1, R)
  let trace = 0
  for (let r = 0; r < R; r++)
    for (let q = r; q < R; q++) {
      let [aa, bb] = [0, 0]
      for (let i = 0; i < inputs; i++) aa += (A.data[r * inputs + i] as number) * (A.data[q * inputs + i] as number)
      for (let o = 0; o < outputs; o++) bb += (B.data[o * R + r] as number) * (B.data[o * R + q] as number)
      trace += (q === r ? 1 : 2) * aa * bb
    }
  return Math.sqrt(Math.max(0, trace))
}
