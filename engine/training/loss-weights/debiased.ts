// Yu et al. 2023, "Debias the Training of Diffusion Models": the loss of ε times 1/√SNR, so that noisy samples count more.
// Reference: sd-scripts apply_debiased_estimation, with its limit on SNR and its own form for v.
import { z } from 'zod'
import type { LossWeight } from './loss-weight.ts'

/** Where SNR is infinite a sample would not count at all. */
const largestSnr = 1000

export const debiased: LossWeight = {
  name: 'debiased',
  sentence:
    'Noisy samples, which decide composition and colours, count more: choose it where the shape of a subject does not come through.',
  options: z.object({}),
  weight(snr, prediction) {
    const limited = Math.min(snr, largestSnr)
    return prediction === 'epsilon' ? 1 / Math.sqrt(limited) : 1 / (limited + 1)
  },
  metadata: () => ({ ss_debiased_estimation: 'True' }),
}
