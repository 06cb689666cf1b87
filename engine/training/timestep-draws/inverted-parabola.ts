// Reference: OneTrainer ModelSetupNoiseMixin, INVERTED_PARABOLA.
import { z } from 'zod'
import type { TimestepDraw } from './timestep-draw.ts'
import { drawWeighted } from './weighted.ts'

const options = z.object({
  noisingWeight: z
    .number()
    .min(0)
    .max(1000)
    .default(4)
    .meta({ description: 'how quickly levels away from the middle are seen less; from 8 on the ends are never seen', step: 1 }),
  noisingBias: z
    .number()
    .min(-0.5)
    .max(0.5)
    .default(0)
    .meta({ description: 'moves the middle towards noise, below 0 away from it', step: 0.1 }),
})

export const invertedParabola: TimestepDraw<typeof options> = {
  name: 'inverted-parabola',
  sentence: 'Levels near the middle more often, and far ones less or never: for a course of one’s own over the noise.',
  options,
  draw: (random, count, range, { noisingWeight, noisingBias }) =>
    drawWeighted(random, count, range, (place) => Math.max(0, 2 - noisingWeight * (place - noisingBias - 0.5) ** 2)),
  metadata: (told) => ({ 'pigment.timestep_draw': JSON.stringify({ draw: 'inverted-parabola', ...told }) }),
}
