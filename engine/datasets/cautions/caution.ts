// What is unwise about a set of pictures and what is asked of it, told before a run: it may start all the same.
import type { ErrorRecord } from '../../requests/error.ts'

export interface Looked {
  readonly pictures: readonly {
    readonly path: string
    readonly caption: string
    /** 0 where it is not known yet. */
    readonly width: number
    readonly height: number
  }[]
  readonly trigger?: string | undefined
  /** Side of the pictures that the model was made for. */
  readonly side: number
  /** What a run was asked for, where there is one. */
  readonly asked?: {
    readonly lr: number
    /** The rate that goes with the model, and with what else was chosen. */
    readonly usualRate: number
    readonly resolution?: number | undefined
    readonly warmup?: number | undefined
    /** All that it will make, as far as that is known. */
    readonly steps?: number | undefined
  }
}

export interface Caution {
  readonly name: string
  /** Code, sentence and facts; undefined where nothing is unwise. The sentence says what to do, by flag where one helps. */
  look(set: Looked): ErrorRecord | undefined
}

/** How many, as a sentence begins: “3 of 20 captions”. */
export const some = (count: number, total: number, what: string): string =>
  count === total ? `All ${total} ${what}` : `${count} of ${total} ${what}`
/** The first few, by name. */
export const firstOf = (paths: readonly string[]): string => paths.slice(0, 3).join(', ') + (paths.length > 3 ? ' …' : '')
