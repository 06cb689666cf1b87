// The clash report: what adapters of a stack do to each other, before any picture. Plain data for the terminal, HTTP and the screens.
import type { Reason } from './reason.ts'

/** One adapter in the whole stack, at its strength. */
export interface ClashAdapter {
  readonly name: string
  readonly weight: number
  readonly layers: number
  /** ‖ΔW‖ over all its layers, Frobenius. */
  readonly norm: number
  /** Its share of the sum of the norms of all. */
  readonly normShare: number
  /** Share of ‖ΔW‖² that lies in the largest singular value of each layer: 1 is a change of rank one. */
  readonly peakShare: number
  /** How much the others together disturb it: the sum of their interference on it. */
  readonly disturbed: number
  readonly suggested: { readonly weight: number; readonly reason: Reason }
  /** Layers that could not be measured. */
  readonly leftOut: readonly { readonly layers: number; readonly reason: Reason }[]
  /** Of the layers that are no product of thin matrices: the largest share of a ΔW's norm that is not in these figures. */
  readonly lost: number
}

/** Two adapters, in a layer, a block or the whole stack. */
export interface ClashFigures {
  /** Layers that both act on. */
  readonly shared: number
  /** Of ΔW: 1 they do the same, 0 nothing in common, −1 they undo each other. */
  readonly cosine: number
  /** What the second does to the inputs that the first answers to, as a share of the first's own answer. 0 nothing; from 1 on, more than it itself. */
  readonly onFirst: number
  readonly onSecond: number
  /**
   * How strongly the second moves pictures as a whole, as a multiple of what the first does: by the mean input of convolutions, where the base's norms are
   * at hand; null where they are not, or where the two share no such layer.
   */
  readonly dominanceOnFirst: number | null
  readonly dominanceOnSecond: number | null
  /** Mean squared cosine of the principal angles of what they read (row spaces) and write (column spaces): 1 where one lies in the other. */
  readonly inputs: number
  readonly outputs: number
  /** The smallest principal angles, in degrees. */
  readonly inputAngle: number
  readonly outputAngle: number
}

export interface ClashPair extends ClashFigures {
  /** Places in `adapters`. */
  readonly first: number
  readonly second: number
  /** Mean of both directions: by this pairs are compared. */
  readonly interference: number
}

export interface ClashBlock {
  /** `BASE` for text encoders, `IN00` … `M00` … `OUT11`, or `` for the layers of no block. */
  readonly block: string
  /** In the order of `pairs`. */
  readonly pairs: readonly (ClashFigures & { readonly interference: number })[]
  /** Share of each adapter's own ‖ΔW‖² that lies here, in the order of `adapters`. */
  readonly shares: readonly number[]
}

export interface ClashLayer {
  readonly layer: string
  readonly block: string
  readonly norms: readonly number[]
  readonly peaks: readonly number[]
  /** In the order of `pairs`; null where one does not act here. */
  readonly pairs: readonly (ClashFigures | null)[]
}

export interface ClashReport {
  readonly base: string
  readonly adapters: readonly ClashAdapter[]
  readonly pairs: readonly ClashPair[]
  readonly blocks: readonly ClashBlock[]
  readonly layers: readonly ClashLayer[]
}
