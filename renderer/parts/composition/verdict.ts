// What the figures of a clash report are called in plain words.
import type { ClashBlock, ClashReport } from '../../../engine/requests/clash.ts'

export type Touching = 'none' | 'little' | 'some' | 'much'

/** By the mean of what each does to the other, as a share of the other's own answer. */
export const touching = (interference: number): Touching =>
  interference < 0.1 ? 'none' : interference < 0.3 ? 'little' : interference < 0.7 ? 'some' : 'much'

/** A, B, … for the columns of a table. */
export const letter = (i: number): string => String.fromCodePoint(65 + i)

/** What all others together do to an adapter in a block. */
export const disturbedIn = ({ pairs }: Pick<ClashReport, 'pairs'>, block: ClashBlock, adapter: number): number =>
  pairs.reduce((sum, { first, second }, i) => {
    const figures = block.pairs[i]
    if (!figures) return sum
    return sum + (first === adapter ? figures.onFirst : second === adapter ? figures.onSecond : 0)
  }, 0)
