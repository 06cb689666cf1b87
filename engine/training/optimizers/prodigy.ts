// Mishchenko & Defazio 2023, "Prodigy: An Expeditiously Adaptive Parameter-Free Learner" (arXiv 2306.06101): Adam whose rate d is a lower bound, found
// on the way, of the distance from θ₀ to the best weights. Reference: prodigyopt, whose names these are.
import { z } from 'zod'
import { PigmentError } from '../../requests/error.ts'
import { elementCount } from '../../tensor/tensor.ts'
import type { Optimizer } from './optimizer.ts'

const options = z.object({
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
  beta3: z
    .number()
    .min(0)
    .lt(1)
    .default(0)
    .meta({ description: 'share of what d is estimated from that is kept from step to step; 0 takes the root of beta2', step: 0.001 }),
  eps: z.number().positive().default(1e-8).meta({ description: 'added, times d, to the root of the mean square, against division by 0' }),
  d0: z.number().positive().default(1e-6).meta({ description: 'the first estimate of d', logarithmic: true }),
  dCoef: z.number().positive().default(1).meta({ description: 'what estimates of d are multiplied by; 0.5 to 2 are usual', step: 0.1 }),
  growthRate: z
    .number()
    .min(0)
    .default(0)
    .meta({ description: 'how many times as large d may become in a step, such as 1.02; 0 sets no limit', step: 0.01 }),
  useBiasCorrection: z.boolean().default(false).meta({ description: 'makes up for means that begin at 0, as Adam does' }),
  safeguardWarmup: z.boolean().default(false).meta({ description: 'keeps a warm-up of the learning rate from raising d' }),
  decouple: z.boolean().default(true).meta({ description: 'weight decay apart from the gradient, as AdamW has it' }),
  weightDecay: z.number().min(0).default(0.01),
})

export const prodigy: Optimizer<typeof options> = {
  name: 'prodigy',
  title: 'Prodigy',
  sentence:
    'Finds the rate by itself while it learns: leave the learning rate at 1. Choose it where you do not know a rate; its first steps are cautious.',
  options,
  usual: { lr: 1 },
  // d is one number for all of θ.
  oneRate: true,
  bytes: (shape) => 16 * elementCount(shape),
  /** Throws `prodigy-growth`. */
  fits(_request, { growthRate }) {
    if (growthRate === 0 || growthRate >= 1) return
    const sentence = `Prodigy's growth rate ${growthRate} would make d smaller. Choose 1 or more, such as 1.02, or 0 for no limit.`
    throw new PigmentError('prodigy-growth', sentence, { growthRate })
  },
  open(theta, { ranges }, { beta1, beta2, eps, d0, dCoef, decouple, safeguardWarmup, useBiasCorrection, weightDecay, ...more }) {
    const beta3 = more.beta3 || Math.sqrt(beta2)
    const growth = more.growthRate || Infinity
    const zeros = (): Float32Array => new Float32Array(theta.length)
    const [m, v, s, start] = [zeros(), zeros(), zeros(), theta.slice()]
    const [{ rate } = { rate: 1 }] = ranges
    // d, the largest d̂, what d̂ is a fraction of, updates so far.
    const scalars = Float64Array.of(d0, d0, 0, 0)
    return {
      vectors: { m, v, s, start, scalars },
      update(weights, gradient, at) {
        const lr = at.lr * rate
        if (lr === 0) return
        const [d = 0, largest = 0, numerator = 0, k = 0] = scalars
        const correction = useBiasCorrection ? Math.sqrt(1 - beta2 ** (k + 1)) / (1 - beta1 ** (k + 1)) : 1
        const dlr = d * lr * correction
        const [scale, coupled] = [d / d0, decouple ? 0 : weightDecay]
        const intoS = scale * (safeguardWarmup ? d : dlr)
        let [along, size] = [0, 0]
        for (let i = 0; i < weights.length; i++) {
          const p = weights[i] ?? 0
          const g = Math.fround((gradient[i] ?? 0) + coupled * p)
          along += g * ((start[i] ?? 0) - p)
          m[i] = beta1 * (m[i] ?? 0) + d * (1 - beta1) * g
          v[i] = beta2 * (v[i] ?? 0) + d * d * (1 - beta2) * g * g
          s[i] = beta3 * (s[i] ?? 0) + intoS * g
          size += Math.abs(s[i] ?? 0)
        }
        if (size === 0) return // nothing has been learnt yet
        const above = beta3 * numerator + scale * dlr * along
        const found = (dCoef * above) / size
        const most = Math.max(largest, found)
        const next = Math.min(most, (d === d0 ? Math.max(d, found) : d) * growth)
        scalars.set([next, most, above, k + 1])
        const after = scalars[0] ?? 0
        // Rounded where the reference rounds: d follows from θ₀ − θ, which at first is hardly more than rounding.
        const keep = decouple ? 1 - weightDecay * dlr : 1
        for (let i = 0; i < weights.length; i++) {
          const p = weights[i] ?? 0
          const mean = beta1 > 0 ? (m[i] ?? 0) : after * Math.fround((gradient[i] ?? 0) + coupled * p)
          weights[i] = Math.fround(keep * p) - (dlr * mean) / (Math.sqrt(v[i] ?? 0) + after * eps)
        }
      },
      told: () => ({ d: scalars[0] ?? 0 }),
    }
  },
}
