import { z } from 'zod'
import { mul } from '../../graph/math.ts'
import type { Loss } from './loss.ts'

export const l2: Loss = {
  name: 'l2',
  title: 'L2 (mean of squares)',
  sentence: 'Large misses count most: as the model itself was trained. Usually the one.',
  options: z.object({}),
  of: (d) => mul(d, d),
  metadata: () => ({}),
}
