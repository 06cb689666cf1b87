// Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms", Algorithm 2: the sign of an interpolated momentum, with decoupled weight decay.
// Each weight moves by the whole rate, so rates are three to ten times smaller than AdamW's.
import { z } from 'zod'
import { elementCount } from '../../tensor/tensor.ts'
import type { Optimizer } from './optimizer.ts'

const options = z.object({
  beta1: z
    .number()
    .min(0)
    .lt(1)
    .default(0.9)
    .meta({ description: 'share of the momentum that a step keeps from the ones before', step: 0.01 }),
  beta2: z.number().min(0).lt(1).default(0.99).meta({ description: 'share of the momentum that is kept for the next step', step: 0.001 }),
  weightDecay: z.number().min(0).default(0.01),
})

export const lion: Optimizer<typeof options> = {
  name: 'lion',
  title: 'Lion',
  options,
  bytes: (shape) => 4 * elementCount(shape),
  open({ length }, { ranges }, { beta1, beta2, weightDecay }) {
    const m = new Float32Array(length)
    return {
      vectors: { m },
      update(theta, gradient, at) {
        for (const { from, to, rate } of ranges) {
          const lr = at.lr * rate
          const keep = 1 - lr * weightDecay
          for (let i = from; i < to; i++) {
            const g = gradient[i] ?? 0
            const mean = m[i] ?? 0
            theta[i] = keep * (theta[i] ?? 0) - lr * Math.sign(beta1 * mean + (1 - beta1) * g)
            m[i] = beta2 * mean + (1 - beta2) * g
          }
        }
      },
    }
  },
}
