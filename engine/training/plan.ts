// What a training method tells the loop: which numbers are trained, from where they begin, and what acts on them beside the gradient.
import type { Feed } from '../runtime/session.ts'
import type { Placement } from '../runtime/flat-parameters.ts'
import type { Tensor } from '../tensor/tensor.ts'

export type Feeds = Readonly<Record<string, Feed>>
/** Tensors over parts of a flat vector, by the names of the trainables. */
export type Views = Readonly<Record<string, Tensor>>
/** Vectors of a method's own, by name. */
export type Extra = Readonly<Record<string, Float32Array>>

/** One of those that are trained apart and become one result; most runs have a single one. */
export interface Member {
  readonly index: number
  /** Decides its draws; a resumed run draws the same. */
  readonly seed: number
}

/** An input of the graph whose gradient is the output `d/<name>`. */
export interface Trainable extends Omit<Placement, 'offset'> {
  /** Its numbers before the first step. */
  readonly start: (member: Member) => Float32Array | Promise<Float32Array>
  /** What the learning rate is multiplied by; 1 unless told. */
  readonly rate?: number
  /** The last step in which it learns; to the end unless told. */
  readonly until?: number | undefined
}

/** An input that is given and not learnt. Its start is asked for whenever a run is opened, also where it goes on: the same member gives the same. */
export type Frozen = Omit<Trainable, 'rate'>

/** What a method sees of one member at a step, counted from 1. */
export interface At {
  readonly step: number
  readonly member: Member
  readonly extra: Extra
  /** Those of the plan, by their names. */
  readonly frozen: Views
}

/** What a member became. */
export interface Became extends Pick<At, 'extra' | 'frozen'> {
  readonly theta: Views
}

export interface Plan<R> {
  /** In θ's order. */
  readonly trainables: readonly Trainable[]
  /** Fed at every step as they are; checkpoints do not hold them. */
  readonly frozen?: readonly Frozen[]
  /** Lengths of vectors of its own, by name: zero at first, then as it leaves them; checkpoints hold them. */
  readonly extra?: Readonly<Record<string, number>>
  /** Before the first step of a run that begins anew: may fill the extra vectors. Not called where a checkpoint has them. */
  begin?(at: { readonly member: Member; readonly theta: Views; readonly extra: Extra }): void
  /** Further inputs of a micro-batch, such as masks; a pure function of what it is given. `whole`: nothing is left out, as where the result is used. */
  feeds?(at: At & { readonly micro: number; readonly batch: Feeds; readonly whole?: boolean }): Feeds
  /** With the gradient of the step, its norm limited; may change gradient and extra vectors in place. */
  beforeUpdate?(at: At & { readonly theta: Views; readonly gradient: Views }): void
  /** With the same gradient, after the optimizer; may change all three in place. */
  afterUpdate?(at: At & { readonly theta: Views; readonly gradient: Views }): void
  /** Told of the step beside its loss, by name: after all of the above. */
  told?(at: At & { readonly theta: Views }): Readonly<Record<string, number>>
  /** Its result takes long, and is asked for no more often than it must. */
  readonly costly?: true
  /** What all members became: copies. */
  result(members: readonly Became[]): R | Promise<R>
}
