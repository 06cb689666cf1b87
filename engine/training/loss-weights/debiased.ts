// Yu et al. 2023, "Debias the Training of Diffusion Models": the loss of ε times 1/√SNR, so that noisy samples count more.
// Reference: sd-scripts apply_debiased_estimation, with its limit on SNR and its own form for v; OneTrainer has another.
import { z } from 'zod'
import type { LossWeight } from './loss-weight.ts'

/** Where SNR is infinite a sample would not count at all. */
const largestSnr = 1000

const options = z.object({
  debiasedRoot: z.boolean().default(false).meta({ description: 'of v 1/√(SNR + 1), as OneTrainer has it, in place of 1/(SNR + 1)' }),
})

export const debiased: LossWeight<typeof options> = {
  name: 'debiased',
  sentence:
    'Noisy samples, which decide composition and colours, count more: choose it where the shape of a subject does not come through.',
  options,
  weight(snr, prediction, { debiasedRoot }) {
    const limited = Math.min(snr, largestSnr)
    if (prediction === 'epsilon') return 1 / Math.sqrt(limited)
    return debiasedRoot ? 1 / Math.sqrt(limited + 1) : 1 / (limited + 1)
  },
  metadata: ({ debiasedRoot }) => ({ ss_debiased_estimation: 'True', ...(debiasedRoot ? { 'pigment.debiased_root': 'true' } : {}) }),
}
