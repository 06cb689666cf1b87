// What a way of merging adapters is: one file of methods/ each. It sees one layer at a time, as what each adapter adds to the weight.
import type { z } from 'zod'
import type { Matrix } from '../linear-algebra/matrix.ts'
import type { mergeKinds } from '../requests/merge.ts'
import type { Choice } from '../requests/own-options.ts'
import type { DrawMask } from './draw-mask.ts'
import type { Factors } from './factors.ts'
import type { Layer } from './layer.ts'

export interface MergeMethod<O extends z.ZodObject = z.ZodObject> extends Choice {
  readonly name: string
  readonly title: string
  /** For a person: one plain sentence. */
  readonly sentence: string
  /** The paper, and whose code it is held to. */
  readonly source: string
  readonly kind: (typeof mergeKinds)[number]
  /**
   * The rank of a layer's result unless one is asked for: that of what the method made, which no asking changes; at most the ranks of the adapters
   * together; or at most the largest of them.
   */
  readonly rank: 'kept' | 'sum' | 'largest'
  /** Every field has a default, and in its meta a `description` and a `step`. */
  readonly options?: O
  /**
   * What it makes of a layer: thin factors where it can, else the whole ΔW (O, I), which is then brought to a rank. `keeps` is for those that drop
   * entries by chance. Throws `merge-method-unfit`.
   */
  merge(layer: Layer, options: z.output<O>, keeps: DrawMask): Factors | Matrix
}
