// What an optimizer is: its options, the state that it keeps beside θ, and its update.
import type { z } from 'zod'
import { chosenOf } from '../../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import type { Placement } from '../../runtime/flat-parameters.ts'
import { optimizers } from './index.ts'

/** Flat vectors by the names under which checkpoints hold them. */
export type Vectors = Readonly<Record<string, Float32Array>>

export interface Layout {
  readonly placements: readonly Placement[]
  /** All of θ in parts whose learning rates are multiplied by `rate`. */
  readonly ranges: readonly { readonly from: number; readonly to: number; readonly rate: number }[]
}

export interface OptimizerState extends Partial<AsyncDisposable> {
  /** All that it keeps from step to step: where a run is resumed, they are filled before the first update. */
  readonly vectors: Vectors
  /** Updates parameters and vectors in place. Which update this is, is counted from 1. */
  update(theta: Float32Array, gradient: Float32Array, at: { readonly lr: number; readonly step: number }): void | Promise<void>
}

export interface Optimizer<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /** As metadata tells it. */
  readonly title: string
  /** Those that a request has a field for are taken from it. */
  readonly options: O
  /** Of its state, for the forecast of memory. */
  readonly bytesPerParameter: number
  /** Before the first update of `theta`. */
  open(theta: Float32Array, layout: Layout, options: z.output<O>): OptimizerState | Promise<OptimizerState>
}

/** The optimizer of a request, and its options. Throws `optimizer-option-unknown`, `optimizer-option-invalid`. */
export function optimizerOf(request: Pick<TrainRequest, 'optimizer' | 'optimizerOptions' | 'weightDecay'>): {
  readonly optimizer: Optimizer
  readonly options: Readonly<Record<string, unknown>>
} {
  const chosen = chosenOf({ field: 'optimizer', choices: optimizers, request: trainRequest }, request)
  // Names and list are written from the same folder.
  const { one: optimizer, options } = chosen as NonNullable<typeof chosen>
  return { optimizer, options }
}

export function optimizerCalled(name: TrainRequest['optimizer']): Optimizer {
  // Names and list are written from the same folder.
  return optimizers.find((one) => one.name === name) as Optimizer
}
