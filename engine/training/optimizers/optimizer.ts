// What an optimizer is: its options, the state that it keeps beside θ, and its update.
import type { z } from 'zod'
import type { TrainRequest } from '../../requests/train.ts'
import { optimizers } from './index.ts'

/** Flat vectors by the names under which checkpoints hold them. */
export type Vectors = Readonly<Record<string, Float32Array>>

export interface UpdateAt {
  readonly lr: number
  /** Which update this is, counted from 1. */
  readonly step: number
  /** What is updated; groups of weights have rates of their own. */
  readonly range: readonly [from: number, to: number]
}

export interface Optimizer<O extends z.ZodObject = z.ZodObject, V extends Vectors = Vectors> {
  readonly name: string
  /** As metadata tells it. */
  readonly title: string
  /** Those that a request has a field for are taken from it. */
  readonly options: O
  /** Of its state, for the forecast of memory. */
  readonly bytesPerParameter: number
  /** State before the first update. */
  start(theta: Float32Array): V
  /** Updates parameters and state in place. */
  update(theta: Float32Array, gradient: Float32Array, state: V, options: z.output<O>, at: UpdateAt): void | Promise<void>
}

/** The optimizer of a request, and its options. */
export function optimizerOf(request: Pick<TrainRequest, 'optimizer' | 'weightDecay'>): {
  readonly optimizer: Optimizer
  readonly options: Readonly<Record<string, unknown>>
} {
  const optimizer = optimizerCalled(request.optimizer)
  return { optimizer, options: optimizer.options.parse(request) }
}

export function optimizerCalled(name: TrainRequest['optimizer']): Optimizer {
  // Names and list are written from the same folder.
  return optimizers.find((one) => one.name === name) as Optimizer
}
