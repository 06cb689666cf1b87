import { z } from 'zod'
import type { LossWeight } from './loss-weight.ts'

export const constant: LossWeight = {
  name: 'constant',
  sentence: 'Every sample counts the same, however noisy it is: the plain loss.',
  options: z.object({}),
  weight: () => 1,
  metadata: () => ({}),
}
