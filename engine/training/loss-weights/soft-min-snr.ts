// Crowson et al. 2024, "Scalable High-Resolution Pixel-Space Image Synthesis with Hourglass Diffusion Transformers" (arXiv 2401.11605), 4.5: of x₀ the
// weight is 1/(σ² + 1/γ), min-SNR without its corner. Reference: k-diffusion, whose soft-min-snr for σ_data = 1 is that of v with γ = 1.
import { z } from 'zod'
import type { LossWeight } from './loss-weight.ts'

const options = z.object({
  softMinSnrGamma: z
    .number()
    .positive()
    .max(100)
    .default(5)
    .meta({ description: 'γ: the SNR about which samples begin to count less; 4 and 5 are usual', step: 0.5 }),
})

export const softMinSnr: LossWeight<typeof options> = {
  name: 'soft-min-snr',
  sentence: 'Min-SNR with a smooth bend in place of its corner: as steady, and middling samples count a little less.',
  options,
  // SNR·γ/(SNR + γ) of x₀, divided by SNR for ε, by SNR + 1 for v.
  weight: (snr, prediction, { softMinSnrGamma: gamma }) =>
    prediction === 'epsilon' ? gamma / (snr + gamma) : (snr * gamma) / ((snr + gamma) * (snr + 1)),
  metadata: ({ softMinSnrGamma }) => ({ 'pigment.loss_weight': JSON.stringify({ weight: 'soft-min-snr', softMinSnrGamma }) }),
}
