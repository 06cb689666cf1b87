import { z } from 'zod'
import type { TimestepDraw } from './timestep-draw.ts'

export const uniform: TimestepDraw = {
  name: 'uniform',
  sentence: 'All noise levels are seen equally often: as the model itself was trained.',
  options: z.object({}),
  draw: (random, count, { from, to }) => Float32Array.from(random.integers(count, from, to)),
  metadata: () => ({}),
}
