// Hang et al. 2023, "Efficient Diffusion Training via Min-SNR Weighting Strategy". Reference: sd-scripts apply_snr_weight.
import { z } from 'zod'
import type { LossWeight } from './loss-weight.ts'

const options = z.object({ minSnrGamma: z.number().positive().default(5) })

export const minSnr: LossWeight<typeof options> = {
  name: 'min-snr',
  sentence: 'Samples that are hardly noisy count less, so that none drowns the others: steadier, and often quicker to a likeness.',
  options,
  weight: (snr, prediction, { minSnrGamma: gamma }) =>
    // For ε this is min(SNR, γ)/SNR, written so that it keeps its limit 1 where SNR is 0.
    prediction === 'epsilon' ? Math.min(1, gamma / snr) : Math.min(snr, gamma) / (snr + 1),
  metadata: ({ minSnrGamma }) => ({ ss_min_snr_gamma: String(minSnrGamma) }),
}
