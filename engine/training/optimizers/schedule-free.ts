// Defazio et al. 2024, "The Road Less Scheduled" (arXiv 2405.15682): AdamW without a course of the rate. Steps are taken by z, gradients at y between z
// and x, the mean of all z, which is what was learnt. Reference: schedulefree AdamWScheduleFree, whose `eval` is x.
import { z } from 'zod'
import { PigmentError } from '../../requests/error.ts'
import { elementCount } from '../../tensor/tensor.ts'
import type { Optimizer } from './optimizer.ts'

const options = z.object({
  beta1: z
    .number()
    .gt(0)
    .lt(1)
    .default(0.9)
    .meta({ description: 'how near to the average gradients are taken; 0.95 or 0.98 for long runs', step: 0.01 }),
  beta2: z
    .number()
    .min(0)
    .lt(1)
    .default(0.999)
    .meta({ description: 'share of the mean squared gradient that is kept from step to step', step: 0.001 }),
  eps: z.number().positive().default(1e-8).meta({ description: 'added to the root of the mean square, against division by 0' }),
  r: z.number().min(0).default(0).meta({ description: 'later steps count in the average by their number to this power', step: 0.5 }),
  weightLrPower: z
    .number()
    .min(0)
    .default(2)
    .meta({ description: 'steps count in the average by their learning rate to this power', step: 0.5 }),
  weightDecay: z.number().min(0).default(0.01),
})

export const scheduleFree: Optimizer<typeof options> = {
  name: 'schedule-free',
  title: 'AdamWScheduleFree',
  sentence:
    'AdamW with an average of the weights in place of a course: choose it where you do not know beforehand how many steps it will be, and stop when you like it.',
  options,
  usual: { lr: 2.5e-3, course: 'constant' },
  bytes: (shape) => 8 * elementCount(shape),
  /** Throws `schedule-free-course`, `schedule-free-ema`. */
  fits({ course = 'constant', ema }) {
    const free = `Schedule-Free AdamW takes the place of a course, and the course is "${course}". Choose "constant"; a warm-up goes with it.`
    if (course !== 'constant') throw new PigmentError('schedule-free-course', free, { course })
    const twice = `Schedule-Free AdamW averages the weights itself, and a moving average (ema) of ${ema} would average those of its gradients. Leave ema out.`
    if (ema !== undefined) throw new PigmentError('schedule-free-ema', twice, { ema })
  },
  open(theta, { ranges }, { beta1, beta2, eps, r, weightLrPower, weightDecay }) {
    const [ahead, v] = [theta.slice(), new Float32Array(theta.length)]
    // The greatest rate yet, and the sum of what all steps count.
    const scalars = new Float64Array(2)
    return {
      vectors: { z: ahead, v, scalars },
      update(y, gradient, { lr, step }) {
        const greatest = Math.max(lr, scalars[0] ?? 0)
        const weight = step ** r * greatest ** weightLrPower
        const sum = weight + (scalars[1] ?? 0)
        scalars.set([greatest, sum])
        const share = sum > 0 ? weight / sum : 0
        const correction = 1 - beta2 ** step
        for (const { from, to, rate } of ranges) {
          const size = lr * rate
          const direct = size * (beta1 * (1 - share) - 1)
          for (let i = from; i < to; i++) {
            const [g, at, base] = [gradient[i] ?? 0, y[i] ?? 0, ahead[i] ?? 0]
            const square = beta2 * (v[i] ?? 0) + (1 - beta2) * g * g
            v[i] = square
            const move = g / (Math.sqrt(square / correction) + eps) + weightDecay * at
            y[i] = at + share * (base - at) + direct * move
            ahead[i] = base - size * move
          }
        }
      },
      // y = β₁·x + (1 − β₁)·z.
      result: (y) => y.map((at, i) => at + (1 - 1 / beta1) * ((ahead[i] ?? 0) - at)),
    }
  },
}
