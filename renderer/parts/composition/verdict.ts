// What the figures of a clash report are called in plain words.
import type { ClashBlock, ClashPair, ClashReport } from '../../../engine/requests/clash.ts'

export type Touching = 'none' | 'little' | 'some' | 'much'

type Pair = Pick<ClashPair, 'first' | 'second' | 'interference' | 'dominanceOnFirst' | 'dominanceOnSecond'>

/** By how uneven a pair is, which foretells its pictures (docs/composition.md); where that is not known, by what both answer to. */
export function touching({ interference, dominanceOnFirst, dominanceOnSecond }: Pair): Touching {
  if (dominanceOnFirst === null || dominanceOnSecond === null)
    return interference < 0.1 ? 'none' : interference < 0.3 ? 'little' : interference < 0.7 ? 'some' : 'much'
  const mean = (dominanceOnFirst + dominanceOnSecond) / 2
  return mean < 1.4 ? 'little' : mean < 1.9 ? 'some' : 'much'
}

/** A, B, … for the columns of a table. */
export const letter = (i: number): string => String.fromCodePoint(65 + i)

/** What all others together do to an adapter in a block. */
export const disturbedIn = ({ pairs }: Pick<ClashReport, 'pairs'>, block: ClashBlock, adapter: number): number =>
  pairs.reduce((sum, { first, second }, i) => {
    const figures = block.pairs[i]
    if (!figures) return sum
    return sum + (first === adapter ? figures.onFirst : second === adapter ? figures.onSecond : 0)
  }, 0)

/** From here on one is expected to show through the other. */
const plain = 1.5

/** Which of a pair moves pictures as a whole the more, and how many times; undefined where that is not known or about even. */
export function shownThrough(pair: Pair): { readonly strong: number; readonly weak: number; readonly times: number } | undefined {
  const { first, second, dominanceOnFirst, dominanceOnSecond } = pair
  if (dominanceOnFirst === null || dominanceOnSecond === null) return undefined
  // Means of ratios are not each other's inverse.
  const times = Math.sqrt(dominanceOnFirst / dominanceOnSecond)
  if (times >= plain) return { strong: second, weak: first, times }
  return times <= 1 / plain ? { strong: first, weak: second, times: 1 / times } : undefined
}
