// What a merged model can be written as: a checkpoint with a stack of adapters in its weights. One file of this folder each.
import type { Precision } from '../adapter-formats/format.ts'
import type { StackEntry } from '../adapters/stack.ts'
import type { Checkpoint } from '../checkpoint/config.ts'

export interface MergeOptions {
  /** Of all weights; each keeps its own without it. */
  readonly precision?: Precision | undefined
  readonly signal?: AbortSignal | undefined
  /** Bytes that are written, of those that will be. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined
  /** Bytes of weights that a format which may keep them in the model itself does keep there. */
  readonly mostInside?: number
}

export interface MergedModel {
  readonly files: readonly string[]
  readonly bytes: number
  /** Tensors that differ from the base's. */
  readonly changed: number
}

export interface ModelFormat {
  readonly name: string
  /** For a person: what it is, and for whom. */
  readonly use: string
  /** What the name of its file ends in; undefined for a folder. */
  ending(checkpoint: Checkpoint): string | undefined
  /**
   * Writes it so that it appears whole or not at all. Throws `bake-over-base`, `bake-exists`, `bake-no-bias`, `precision-overflow`, `disk-full`,
   * `cancelled` and the like.
   */
  write(checkpoint: Checkpoint, stack: readonly StackEntry[], out: string, options?: MergeOptions): Promise<MergedModel>
}
