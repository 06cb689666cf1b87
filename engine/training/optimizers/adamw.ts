// Loshchilov & Hutter 2019, "Decoupled Weight Decay Regularization", with the bias correction where torch.optim.AdamW has it.
import { z } from 'zod'
import { elementCount } from '../../tensor/tensor.ts'
import type { Optimizer } from './optimizer.ts'
import { inMemory, type SpanRule } from './spans.ts'

/** Running mean of the gradient, and of its square. */
export type AdamWState = Readonly<Record<'m' | 'v', Float32Array>>

export interface AdamWOptions {
  readonly lr: number
  readonly beta1: number
  readonly beta2: number
  readonly eps: number
  readonly weightDecay: number
  /** Which update this is, counted from 1. */
  readonly step: number
}

/** State for `n` parameters that have not been updated yet. */
export function init(n: number): AdamWState {
  return { m: new Float32Array(n), v: new Float32Array(n) }
}

/** Updates parameters and state in place; a range [from, to) updates only those, so groups can have rates of their own. */
export function update(
  params: Float32Array,
  grads: Float32Array,
  state: AdamWState,
  { lr, beta1, beta2, eps, weightDecay, step }: AdamWOptions,
  [from, to]: readonly [from: number, to: number] = [0, params.length],
): void {
  const { m, v } = state
  const keep = 1 - lr * weightDecay
  const stepSize = lr / (1 - beta1 ** step)
  const correction = Math.sqrt(1 - beta2 ** step)
  for (let i = from; i < to; i++) {
    const g = grads[i] ?? 0
    const mean = beta1 * (m[i] ?? 0) + (1 - beta1) * g
    const square = beta2 * (v[i] ?? 0) + (1 - beta2) * g * g
    m[i] = mean
    v[i] = square
    params[i] = keep * (params[i] ?? 0) - (stepSize * mean) / (Math.sqrt(square) / correction + eps)
  }
}

export const adamwOptions = z.object({
  beta1: z
    .number()
    .min(0)
    .lt(1)
    .default(0.9)
    .meta({ description: 'share of the mean gradient that is kept from step to step', step: 0.01 }),
  beta2: z
    .number()
    .min(0)
    .lt(1)
    .default(0.999)
    .meta({ description: 'share of the mean squared gradient that is kept from step to step', step: 0.001 }),
  eps: z.number().positive().default(1e-8).meta({ description: 'added to the root of the mean square, against division by 0' }),
  weightDecay: z.number().min(0).default(0.01),
})

/** For stretches of θ. */
export const adamwRule = (chosen: z.output<typeof adamwOptions>): SpanRule => ({
  kept: { m: { type: 'F32', per: 1 }, v: { type: 'F32', per: 1 } },
  update: (theta, gradient, kept, at) => update(theta, gradient, kept as AdamWState, { ...chosen, ...at }),
})

export const adamw: Optimizer<typeof adamwOptions> = {
  name: 'adamw',
  title: 'AdamW',
  sentence:
    'Follows the mean gradient, each number at a pace of its own: steady with nearly any settings. Choose it unless memory is short.',
  options: adamwOptions,
  bytes: (shape) => 8 * elementCount(shape),
  open: (_theta, { ranges }, chosen) => inMemory(ranges.map((range) => ({ ...range, rule: adamwRule(chosen) }))),
}
