// Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", Algorithm 2: the sign of an interpolated momentum, with decoupled weight decay.
// Each weight moves by the whole rate, so rates are three to ten times smaller than AdamW's.
import { z } from 'zod'
import { elementCount } from '../../tensor/tensor.ts'
import type { Optimizer } from './optimizer.ts'
import { inMemory, type SpanRule } from './spans.ts'

export const lionOptions = z.object({
  beta1: z
    .number()
    .min(0)
    .lt(1)
    .default(0.9)
    .meta({ description: 'share of the momentum that a step keeps from the ones before', step: 0.01 }),
  beta2: z.number().min(0).lt(1).default(0.99).meta({ description: 'share of the momentum that is kept for the next step', step: 0.001 }),
  weightDecay: z.number().min(0).default(0.01),
})

/** For stretches of θ. */
export const lionRule = ({ beta1, beta2, weightDecay }: z.output<typeof lionOptions>): SpanRule => ({
  kept: { m: { type: 'F32', per: 1 } },
  update(theta, gradient, { m }, { lr }) {
    const momentum = m as Float32Array
    const keep = 1 - lr * weightDecay
    for (let i = 0; i < theta.length; i++) {
      const g = gradient[i] ?? 0
      const mean = momentum[i] ?? 0
      theta[i] = keep * (theta[i] ?? 0) - lr * Math.sign(beta1 * mean + (1 - beta1) * g)
      momentum[i] = beta2 * mean + (1 - beta2) * g
    }
  },
})

export const lion: Optimizer<typeof lionOptions> = {
  name: 'lion',
  title: 'Lion',
  sentence:
    'Moves every number by the same amount, in the direction of the mean gradient: half the memory of AdamW. Choose a rate three to ten times lower.',
  options: lionOptions,
  bytes: (shape) => 4 * elementCount(shape),
  open: (_theta, { ranges }, chosen) => inMemory(ranges.map((range) => ({ ...range, rule: lionRule(chosen) }))),
}
