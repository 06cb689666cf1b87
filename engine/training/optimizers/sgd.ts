// Stochastic gradient descent with momentum (Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning"), as
// torch.optim.SGD has it: momentum without the rate in it, and weight decay as a part of the gradient.
import { z } from 'zod'
import { PigmentError } from '../../requests/error.ts'
import { elementCount } from '../../tensor/tensor.ts'
import type { Optimizer, Vectors } from './optimizer.ts'

const options = z.object({
  momentum: z
    .number()
    .min(0)
    .lt(1)
    .default(0.9)
    .meta({ description: 'share of the momentum that is kept from step to step; 0 keeps none', step: 0.01 }),
  dampening: z.number().min(0).max(1).default(0).meta({ description: 'share of the gradient that the momentum leaves out', step: 0.01 }),
  nesterov: z.boolean().default(false).meta({ description: 'looks a step ahead along the momentum' }),
  weightDecay: z.number().min(0).default(0.01),
})

export const sgd: Optimizer<typeof options> = {
  name: 'sgd',
  title: 'SGD',
  sentence:
    'Follows the gradient itself, with or without momentum: the least memory, and rates far higher than those of AdamW. For comparison more than for daily use.',
  options,
  usual: { lr: 0.1 },
  bytes: (shape, { momentum }) => (momentum > 0 ? 4 * elementCount(shape) : 0),
  /** Throws `sgd-nesterov`. */
  fits(_request, { momentum, dampening, nesterov }) {
    if (!nesterov || (momentum > 0 && dampening === 0)) return
    const sentence = `Nesterov's step needs a momentum and no dampening, and they are ${momentum} and ${dampening}. Set dampening to 0 and momentum above 0, or leave nesterov out.`
    throw new PigmentError('sgd-nesterov', sentence, { momentum, dampening })
  },
  open({ length }, { ranges }, { momentum, dampening, nesterov, weightDecay }) {
    const vectors: Vectors = momentum > 0 ? { momentum: new Float32Array(length) } : {}
    const buffer = vectors.momentum
    return {
      vectors,
      update(theta, gradient, { lr, step }) {
        // The first gradient is the first momentum, whole.
        const taken = step === 1 ? 1 : 1 - dampening
        for (const { from, to, rate } of ranges)
          for (let i = from; i < to; i++) {
            const p = theta[i] ?? 0
            const g = (gradient[i] ?? 0) + weightDecay * p
            const mean = momentum * (buffer?.[i] ?? 0) + taken * g
            if (buffer) buffer[i] = mean
            theta[i] = p - lr * rate * (nesterov ? g + momentum * mean : mean)
          }
      },
    }
  },
}
