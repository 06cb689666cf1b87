// Reference: sd-scripts conditional_loss.
import { mul } from '../../graph/math.ts'
import { huberMetadata, huberOptions, huberThreshold, pseudoHuber } from './huber-threshold.ts'
import type { Loss } from './loss.ts'

export const smoothL1: Loss<typeof huberOptions> = {
  name: 'smooth-l1',
  title: 'Smooth L1',
  sentence: 'Huber divided by its threshold: the smaller the threshold, the more a miss counts, as L1 with a rounded tip.',
  options: huberOptions,
  // 2·(√(d² + c²) − c)
  of: (d, _options, c) => mul(pseudoHuber(d, c as NonNullable<typeof c>), 2),
  threshold: huberThreshold,
  metadata: (options) => huberMetadata('smooth_l1', options),
}
