import { z } from 'zod'
import { abs } from '../../graph/math.ts'
import type { Loss } from './loss.ts'

export const l1: Loss = {
  name: 'l1',
  title: 'L1 (mean of magnitudes)',
  sentence: 'Every miss pulls alike, however large: hardest to lead astray, and slowest to settle.',
  options: z.object({}),
  of: (d) => abs(d),
  metadata: () => ({ ss_loss_type: 'l1' }),
}
