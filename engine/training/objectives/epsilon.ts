// Of a network that answers v this is sd-scripts' `scale_v_pred_loss_like_noise_pred`; the added part is its `v_pred_like_loss`.
import { z } from 'zod'
import type { Objective } from './objective.ts'

const options = z.object({
  vPredLikeLoss: z
    .number()
    .min(0)
    .max(100)
    .default(0)
    .meta({ description: 'adds the loss of v, multiplied by this: noisy samples count more', step: 0.1 }),
})

/** Where there is no signal at all, ε has no miss either: nothing times this stays nothing. */
const leastSnr = 1e-8

export const epsilon: Objective<typeof options> = {
  name: 'epsilon',
  title: 'ε (noise)',
  sentence: 'Misses are those of the noise, as Stable Diffusion 1.x was trained: of a model that predicts v noisy samples then count less.',
  options,
  ofV: (snr) => Math.sqrt(snr / (1 + snr)),
  // |dv|² = |dε|² · (1 + SNR)/SNR.
  weight: (snr, { vPredLikeLoss }) => (vPredLikeLoss === 0 ? 1 : 1 + (vPredLikeLoss * (1 + snr)) / Math.max(snr, leastSnr)),
  metadata: ({ vPredLikeLoss }) => ({ ...(vPredLikeLoss === 0 ? {} : { 'pigment.v_pred_like_loss': String(vPredLikeLoss) }) }),
}
