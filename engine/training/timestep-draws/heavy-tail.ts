// Esser et al. 2024, "Scaling Rectified Flow Transformers for High-Resolution Image Synthesis", 3.1, "mode sampling with heavy tails". Reference:
// OneTrainer ModelSetupNoiseMixin, HEAVY_TAIL.
import { z } from 'zod'
import { timestepAt } from './level.ts'
import type { TimestepDraw } from './timestep-draw.ts'

const options = z.object({
  noisingWeight: z
    .number()
    .min(-1)
    // Beyond it a level would be left out, and then met twice.
    .max(1.75)
    .default(1.29)
    .meta({ description: 'above 0 middling levels are seen more, below 0 the ends; 0 is even', step: 0.1 }),
})

export const heavyTail: TimestepDraw<typeof options> = {
  name: 'heavy-tail',
  sentence: 'Middling noise levels more often, and the ends still often enough: gentler than logit-normal.',
  options,
  draw: (random, count, range, { noisingWeight: s }) =>
    Float32Array.from(random.uniform(count), (u) => timestepAt(Math.max(0, 1 - u - s * (Math.cos((Math.PI / 2) * u) ** 2 - 1 + u)), range)),
  metadata: ({ noisingWeight }) => ({ ss_weighting_scheme: 'mode', ss_mode_scale: String(noisingWeight) }),
}
