// What a reader of another program makes of an export. Plain data.
import type { Reason } from './reason.ts'

export interface ReaderReport {
  readonly reader: string
  /** Of the program. */
  readonly title: string
  /** Whether the export's format is meant for it. */
  readonly meant: boolean
  /** It loads nothing, and shows what the file says. */
  readonly looksOnly: boolean
  /** Of the adapter, and those of them that it loads. */
  readonly layers: number
  readonly loaded: number
  /** The first of them. */
  readonly dropped: readonly { readonly key: string; readonly reason: Reason }[]
  readonly droppedCount: number
  /** Why nothing is loaded at all. */
  readonly refused?: Reason
  /** The largest ‖ΔW′ − ΔW‖ / ‖ΔW‖ of a layer, as far as that is known without the base's weights. */
  readonly difference: number
  /** Layers whose change depends on the base's own weights: they are loaded, and not compared. */
  readonly ofBase: number
  readonly notes: readonly Reason[]
}

/** A format that loses layers on a program that it is meant for is not what was asked for. */
export const isLossy = ({ meant, looksOnly, loaded, layers }: ReaderReport): boolean => meant && !looksOnly && loaded < layers
