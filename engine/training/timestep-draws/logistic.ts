// Reference: OneTrainer ModelSetupNoiseMixin, SIGMOID.
import { z } from 'zod'
import type { TimestepDraw } from './timestep-draw.ts'
import { drawWeighted } from './weighted.ts'

const options = z.object({
  noisingWeight: z
    .number()
    .min(-100)
    .max(100)
    .default(5)
    .meta({ description: 'how steeply noisier levels are seen more; below 0 cleaner ones are', step: 1 }),
  noisingBias: z.number().min(-10).max(10).default(0).meta({ description: 'moves the middle of the rise', step: 0.1 }),
})

export const logistic: TimestepDraw<typeof options> = {
  name: 'logistic',
  sentence:
    'The noisier a level, the more often it is seen, along an S-shaped curve: for composition and colours. OneTrainer calls it sigmoid.',
  options,
  draw: (random, count, range, { noisingWeight, noisingBias }) =>
    drawWeighted(random, count, range, (place) => 1 / (1 + Math.exp(-noisingWeight * (place - noisingBias - 0.5)))),
  metadata: (told) => ({ 'pigment.timestep_draw': JSON.stringify({ draw: 'logistic', ...told }) }),
}
