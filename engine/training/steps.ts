// What the loop asks for: steps, what is kept between them, and what came of them.
import type { Exchange } from './exchange.ts'
import type { Layout, OptimizerState } from './optimizers/optimizer.ts'
import type { Graph } from '../graph/graph.ts'
import type { RunVectors } from '../files/run-checkpoint.ts'
import type { Feeds, Member, Plan } from './plan.ts'

/** A run, but for how its steps are computed. */
export interface Training<R> {
  /** Outputs: `loss` and `d/<name>` for each trainable; others of one number are told beside the loss, and what the plan tells. */
  readonly graph: Graph
  readonly plan: Plan<R>
  readonly members: readonly Member[]
  /** What micro-batch `n` of all that a member sees is fed with: a pure function of n, so that a resumed run needs no history. */
  readonly batches: (member: Member) => (n: number) => Feeds | Promise<Feeds>
  /** Micro-batches of a step, whose gradients are averaged. */
  readonly accumulation: number
  /** A file that is too large for memory lies in `folder` while the run goes on. */
  readonly optimizer: (theta: Float32Array, layout: Layout, folder: string) => OptimizerState | Promise<OptimizerState>
  /** The learning rate of a step, counted from 1. */
  readonly rate: (step: number) => number
  readonly maxGradNorm: number
  /** The graph has an input `loss_scale`, by which its gradients are too large. */
  readonly scaled?: boolean
  /** Largest decay of the moving average that the result is taken from. */
  readonly ema?: number
  /** Those who train the same together, each in a process of its own. */
  readonly exchange?: Exchange | undefined
  readonly observer?: StepObserver | undefined
}

/** The loss of each picture of a micro-batch, counted over all that a member sees. */
export interface RowsSeen {
  readonly member: Member
  readonly n: number
  readonly rows: Float32Array
  readonly feeds: Feeds
}

/** A member before it learns, its gradient limited already; `gradNorm` is what it was before. */
export interface UpdateSeen {
  readonly step: number
  readonly theta: Float32Array
  readonly gradient: Float32Array
  readonly gradNorm: number
}

/** Looks on while steps are made, and changes nothing. */
export interface StepObserver {
  rows(seen: RowsSeen): void
  /** What it gives is called once the member has learnt. */
  before(seen: UpdateSeen): (() => void) | undefined
}

/** What a step tells: means over micro-batches and members. */
export interface Told {
  /** `loss` among them. */
  readonly outputs: Readonly<Record<string, number>>
  readonly gradNorm: number
  readonly lr: number
  /** The gradient was not finite at its loss scale, and nothing was learnt: so many times in a row. */
  readonly skippedInRow?: number
}

export interface Steps<R> {
  /** Of all members. */
  readonly theta: Float32Array
  /** The steps that follow step `done`: at least one, at most `most`. */
  advance(done: number, most: number): Promise<readonly Told[]>
  /** The output `rows` of each of these batches, by the weights as they would be written and with nothing left out: the mean over members. Learns nothing. */
  measure?(batches: readonly Feeds[]): Promise<readonly Float32Array[]>
  /** After a step that failed: nothing of it was learnt, and everything is as it was before. */
  whole?(): boolean
  /** All that decides the next steps, by the names under which checkpoints hold it. */
  vectors(): RunVectors
  /** Copies. */
  result(): R | Promise<R>
}
