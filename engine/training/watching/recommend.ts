// Which step of a run to take, from what was measured on pictures that it did not see: said in one plain sentence.
import { because, type Reason } from '../../requests/reason.ts'
import type { Recommendation, ValidationPoint } from '../../requests/watch-events.ts'

type Measured = Pick<ValidationPoint, 'step' | 'heldOut' | 'trained'>

export interface Evidence {
  /** In the order of their steps; step 0 is the model before the first one. */
  readonly points: readonly Measured[]
  /** How far the model has moved elsewhere, where that was measured. */
  readonly forgetting?: readonly { readonly step: number; readonly features: number }[]
}

/** As good as the best: those whose loss is above it by less than this share of all that was won. */
const alike = 0.03
/** A curve goes up again, or is still falling, by more than this share of what was won. */
const apart = 0.1

/** Neighbours count half: single measurements jump, by the luck of the last steps. The ends have one neighbour. */
export function smoothed(losses: readonly number[]): number[] {
  return losses.map((loss, i) => {
    const sides = [losses[i - 1], losses[i + 1]].filter((one) => one !== undefined)
    return (2 * loss + sides.reduce((sum, one) => sum + one, 0)) / (2 + sides.length)
  })
}

/** Nothing where nothing was measured after a step. Of steps that are as good the one that forgot least is taken, or else the earliest: it has copied least. */
export function recommend({ points, forgetting = [] }: Evidence): Recommendation | undefined {
  const before = points.find(({ step }) => step === 0)
  const after = points.filter(({ step }) => step > 0)
  const last = after.at(-1)
  if (!last) return undefined
  const curve = smoothed(after.map(({ heldOut }) => heldOut))
  const low = Math.min(...curve)
  const won = Math.max((before?.heldOut ?? Math.max(...curve)) - low, 0)
  const moved = (step: number): number => forgetting.findLast((one) => one.step <= step)?.features ?? 0
  const good = after.filter((_, i) => (curve[i] ?? Infinity) <= low + alike * won)
  const least = Math.min(...good.map(({ step }) => moved(step)))
  const taken = good.find(({ step }) => moved(step) <= least) ?? last
  return {
    ...{ step: taken.step, last: last.step, heldOut: taken.heldOut, heldOutLast: last.heldOut },
    ...(before ? { heldOutBefore: before.heldOut } : {}),
    reason: reasonOf(taken, { after, curve, low, won, before }),
  }
}

interface Curve {
  readonly after: readonly Measured[]
  readonly curve: readonly number[]
  readonly low: number
  readonly won: number
  readonly before: Measured | undefined
}

function reasonOf({ step }: Measured, { after, curve, low, won, before }: Curve): Reason {
  const last = after.at(-1)?.step ?? step
  const [end = low, previous = low] = [curve.at(-1), curve.at(-2)]
  if (before && low >= before.heldOut)
    return because('recommend-none', 'Step {step}: no step is better on held-out pictures than the model before it; train longer, or with another learning rate.', { step }) // prettier-ignore
  if (end - low > apart * won)
    return because('recommend-copies', 'Step {step}: best on held-out pictures; later ones copy.', { step, last })
  if (step === last && after.length > 1 && previous - end > (apart / 2) * won)
    return because('recommend-longer', 'Step {step}: the last is the best on held-out pictures, and it was still getting better: train longer.', { step }) // prettier-ignore
  if (step === last) return because('recommend-last', 'Step {step}: the last is the best on held-out pictures.', { step })
  return because('recommend-enough', 'Step {step}: best on held-out pictures; later ones are no better.', { step, last })
}
