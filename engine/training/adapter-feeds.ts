// What a step of an adapter is fed with beside θ: masks of what is left out, and pairs as they began.
import { layoutOf, views } from '../runtime/flat-parameters.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { AdaptedLayers } from './adapted-layers.ts'
import { dropMask, sizesOf } from './dropouts.ts'
import type { Extra, Plan, Trainable, Views } from './plan.ts'

/** Before the names of inputs that hold what a trainable was at first. */
const atFirst = 'start/'
export const startName = (name: string): string => atFirst + name

type Beside = Pick<Plan<unknown>, 'extra' | 'begin' | 'feeds'>

/** θ as it was at first, from the extra vectors. */
export const startOfPairs = (trainables: readonly Trainable[], { start = new Float32Array() }: Extra): Views =>
  views(layoutOf(trainables).placements, start)

const nothing = { dropout: 0, rankDropout: 0, moduleDropout: 0 }

/** Nothing where pairs are whole and begin as what they add. */
export function adapterFeeds({ taken, masks, shares }: AdaptedLayers, trainables: readonly Trainable[]): Beside {
  const { placements, size } = layoutOf(trainables)
  if (!taken && !shares) return {}
  return {
    ...(taken
      ? {
          extra: { start: size },
          begin({ theta, extra }) {
            for (const { name, offset } of placements) extra.start?.set((theta[name] as Tensor).data, offset)
          },
        }
      : {}),
    feeds({ step, micro, batch, extra, whole, member: { seed } }) {
      const sizes = sizesOf(masks[0]?.graph.inputs ?? [], batch)
      const left = shares && (whole ? nothing : shares)
      return {
        ...(taken ? views(placements, extra.start as Float32Array, atFirst) : {}),
        ...(left ? Object.fromEntries(masks.map((mask) => [mask.name, dropMask(mask, sizes, left, { seed, step, micro })])) : {}),
      }
    },
  }
}
