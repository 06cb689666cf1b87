// Esser et al. 2024, "Scaling Rectified Flow Transformers for High-Resolution Image Synthesis", 3.1: the logit of the noise level is normal, so that
// middling levels are seen most. Reference: diffusers compute_density_for_timestep_sampling, whose first timestep is the noisiest.
import { z } from 'zod'
import { timestepAt } from './level.ts'
import type { TimestepDraw } from './timestep-draw.ts'

const options = z.object({
  logitMean: z
    .number()
    .min(-10)
    .max(10)
    .default(0)
    .meta({ description: 'above 0 noisier levels are seen more, below 0 cleaner ones', step: 0.1 }),
  logitDeviation: z.number().positive().max(10).default(1).meta({ description: 'how far the levels spread from the middle', step: 0.1 }),
})

export const logitNormal: TimestepDraw<typeof options> = {
  name: 'logit-normal',
  sentence: 'Middling noise levels, at which most of a picture is decided, are seen more often; its middle can be moved.',
  options,
  draw: (random, count, range, { logitMean: mean, logitDeviation: deviation }) =>
    random.normal(count).map((value) => timestepAt(1 / (1 + Math.exp(-(mean + deviation * value))), range)),
  metadata: ({ logitMean: mean, logitDeviation: deviation }) => ({
    ss_weighting_scheme: 'logit_normal',
    ss_logit_mean: String(mean),
    ss_logit_std: String(deviation),
  }),
}
