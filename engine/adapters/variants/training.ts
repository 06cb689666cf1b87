// What training needs of a variant: which tensors it learns, where they start, and what they do in the graph.
import type { Value } from '../../graph/graph.ts'
import type { FrozenLayer } from '../../nn/frozen-layer.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { AdapterModule } from '../adapter.ts'
import type { Target, Tensors } from './variant.ts'

/** Where a tensor starts: zeros, uniform within ±bound, normal with a standard deviation, or made from the weight that it stands on. */
export type Start =
  | { readonly kind: 'zeros' }
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'normal'; readonly std: number }
  | { readonly kind: 'from-base'; of(base: Tensor): Float32Array }

export interface Trainable {
  readonly role: string
  /** Of the graph's input. Its start is drawn from a stream of this name. */
  readonly name: string
  readonly shape: readonly number[]
  readonly start: Start
  /** LoRA+ lets the `up` group learn faster. */
  readonly group: 'up' | 'down' | 'other'
}

/** One member of an adapter whose rank is shared out, and the alpha of the whole that is trained. */
export interface Share {
  readonly member: number
  readonly members: number
  readonly alpha: number
}

/** How a pair is trained, beside what its values are. */
export interface PairUse {
  /** The pair as it began, which is subtracted: the frozen weight was split into it and a rest. */
  readonly held?: Readonly<Record<string, Value>> | undefined
  /** What A·x goes through before B. */
  readonly drop?: ((inside: Value) => Value) | undefined
}

export interface VariantTraining<O> {
  /** The alpha that its modules are saved with, where that is not the request's. */
  readonly alpha?: number
  create(target: Target, options: O): readonly Trainable[]
  /** The layer's output under the adapter. `scale` is alpha / rank; `use` is told to variants whose options have a start and dropouts. */
  apply(x: Value, parts: Readonly<Record<string, Value>>, layer: FrozenLayer, scale: number, use?: PairUse): Value
  /** What it adds is the product of its two matrices, which a bound on its norm scales. */
  readonly boundedPair?: true
  /** Whether members that were trained apart can be averaged into one module of this variant, or why they cannot. */
  readonly members: 'averaged' | { readonly no: string }
  /** The part of one member of a module that is trained further, so that `join` of all gives what it does at the new alpha. */
  split(module: AdapterModule, share: Share): Tensors
  /** Members of equal rank as one module: copies. */
  join(members: readonly Tensors[]): Tensors
  /** What sd-scripts and LyCORIS write of such a training: `ss_network_module`, and words of `ss_network_args`. */
  written(options: O): { readonly module: string; readonly arguments?: Readonly<Record<string, string>> }
}
