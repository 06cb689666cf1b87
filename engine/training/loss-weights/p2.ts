// Choi et al. 2022, "Perception Prioritized Training of Diffusion Models" (P2), with k = 1. Reference: OneTrainer __p2_loss_weight, with its form for v.
import { z } from 'zod'
import type { LossWeight } from './loss-weight.ts'

const options = z.object({
  p2Gamma: z
    .number()
    .min(0)
    .max(20)
    .default(1)
    .meta({ description: 'γ of (1 + SNR)^−γ: the higher, the less clean samples count', step: 0.25 }),
})

export const p2: LossWeight<typeof options> = {
  name: 'p2',
  sentence:
    'Samples with little noise, where only imperceptible detail is left to learn, count less and less: choose it for shape and content.',
  options,
  weight: (snr, prediction, { p2Gamma: gamma }) => (1 + snr + (prediction === 'epsilon' ? 0 : 1)) ** -gamma,
  metadata: ({ p2Gamma }) => ({ 'pigment.loss_weight': JSON.stringify({ weight: 'p2', p2Gamma }) }),
}
