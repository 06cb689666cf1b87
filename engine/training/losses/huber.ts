// Huber 1964, in the smooth form of Charbonnier et al. 1994. Reference: sd-scripts conditional_loss.
import { mul } from '../../graph/math.ts'
import { huberMetadata, huberOptions, huberThreshold, pseudoHuber } from './huber-threshold.ts'
import type { Loss } from './loss.ts'

export const huber: Loss<typeof huberOptions> = {
  name: 'huber',
  title: 'Huber',
  sentence: 'Small misses count as squares, large ones as magnitudes: choose it where a few odd pictures should not lead the rest.',
  options: huberOptions,
  // 2c·(√(d² + c²) − c)
  of: (d, _options, c) => mul(mul(c as NonNullable<typeof c>, 2), pseudoHuber(d, c as NonNullable<typeof c>)),
  threshold: huberThreshold,
  metadata: (options) => huberMetadata('huber', options),
}
