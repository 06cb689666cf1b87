// Whether a run has stopped getting better on pictures that it does not see.
import type { ValidationPoint } from '../../requests/watch-events.ts'

export interface Patience {
  /** Measurements in a row that may be no better. */
  readonly patience?: number | undefined
  /** Share of the best loss by which another must be lower. */
  readonly minDelta: number
}

/** The best measurement so far, and how many since then were no better. Reference: the rule `patience` and `threshold_mode='rel'` of torch's ReduceLROnPlateau. */
export function sinceBest(points: readonly Pick<ValidationPoint, 'step' | 'heldOut'>[], { minDelta }: Pick<Patience, 'minDelta'>) {
  let best: Pick<ValidationPoint, 'step' | 'heldOut'> | undefined
  let waited = 0
  for (const point of points) {
    if (!best || point.heldOut < best.heldOut * (1 - minDelta)) [best, waited] = [point, 0]
    else waited++
  }
  return { best: best?.step ?? 0, waited }
}
