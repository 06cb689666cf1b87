// Hang et al. 2023, "Efficient Diffusion Training via Min-SNR Weighting Strategy". Reference: sd-scripts apply_snr_weight.
import { z } from 'zod'
import type { LossWeight } from './loss-weight.ts'

const options = z.object({ minSnrGamma: z.number().positive().default(5) })

export const minSnr: LossWeight<typeof options> = {
  name: 'min-snr',
  options,
  weight: (snr, prediction, { minSnrGamma: gamma }) =>
    // For ε this is min(SNR, γ)/SNR, written so that it keeps its limit 1 where SNR is 0.
    prediction === 'epsilon' ? Math.min(1, gamma / snr) : Math.min(snr, gamma) / (snr + 1),
  metadata: ({ minSnrGamma }) => ({ ss_min_snr_gamma: String(minSnrGamma) }),
}
