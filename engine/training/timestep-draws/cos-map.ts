// Esser et al. 2024, "Scaling Rectified Flow Transformers for High-Resolution Image Synthesis", 3.1, "CosMap". Reference: OneTrainer
// ModelSetupNoiseMixin, COS_MAP.
import { z } from 'zod'
import type { TimestepDraw } from './timestep-draw.ts'
import { drawWeighted } from './weighted.ts'

export const cosMap: TimestepDraw = {
  name: 'cos-map',
  sentence: 'The middle is seen twice as often as the ends, and there is nothing to set.',
  options: z.object({}),
  draw: (random, count, range) => drawWeighted(random, count, range, (x) => 2 / (Math.PI - 2 * Math.PI * x + 2 * Math.PI * x * x)),
  metadata: () => ({ 'pigment.timestep_draw': JSON.stringify({ draw: 'cos-map' }) }),
}
