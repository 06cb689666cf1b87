// What an optimizer is: its options, the state that it keeps beside θ, and its update.
import type { z } from 'zod'
import { PigmentError } from '../../requests/error.ts'
import { chosenOf } from '../../requests/own-options.ts'
import { trainRequest, type TrainRequest } from '../../requests/train.ts'
import type { Placement } from '../../runtime/flat-parameters.ts'
import type { Vector, VectorStore } from '../../tensor/vectors.ts'
import { fieldOfRates } from '../unequal-rates.ts'
import { optimizers } from './index.ts'

/** Flat vectors by the names under which checkpoints hold them. */
export type Vectors = Readonly<Record<string, Vector>>

export interface Layout {
  readonly placements: readonly Placement[]
  /** All of θ in parts whose learning rates are multiplied by `rate`. */
  readonly ranges: readonly { readonly from: number; readonly to: number; readonly rate: number }[]
}

export interface OptimizerState extends Partial<AsyncDisposable> {
  /** All that it keeps from step to step: where a run is resumed, they are filled before the first update. */
  readonly vectors: Vectors
  /** The same of what does not lie in memory. */
  readonly stores?: Readonly<Record<string, VectorStore>>
  /** Updates parameters and vectors in place. Which update this is, is counted from 1. */
  update(theta: Float32Array, gradient: Float32Array, at: { readonly lr: number; readonly step: number }): void | Promise<void>
  /** What the weights are worth, where that is not what the next step begins from: a copy. */
  result?(theta: Float32Array): Float32Array
  /** Told of the step beside its loss, by name. */
  told?(): Readonly<Record<string, number>>
}

type Request = Partial<TrainRequest>

export interface Optimizer<O extends z.ZodObject = z.ZodObject> {
  readonly name: string
  /** As metadata tells it. */
  readonly title: string
  /** What it does and when to choose it, in plain words: in help, and below its field. */
  readonly sentence?: string
  /** Those that a request has a field for are taken from it. */
  readonly options: O
  /** Values of other fields that go with it; forms offer them. */
  readonly usual?: Readonly<Record<string, number | boolean | string>>
  /** It does what that one does in less memory: to the bit, or nearly. */
  readonly spares?: { readonly of: string; readonly same: boolean }
  /** It has one learning rate for all of θ; a request whose parts learn at different ones is refused. */
  readonly oneRate?: true
  /** Of its state for a tensor of this shape, for the forecast of memory. */
  bytes(shape: readonly number[], options: z.output<O>): number
  /** More of it than this is never in memory. */
  most?(options: z.output<O>): number
  /** Throws where it does not go with the rest of a request. */
  fits?(request: Request, options: z.output<O>): void
  /** Before the first update of `theta`. A file of its own lies in `folder` while it is open, or where the system has such files. */
  open(theta: Float32Array, layout: Layout, options: z.output<O>, folder?: string): OptimizerState | Promise<OptimizerState>
}

/** The optimizer of a request, and its options. Throws `optimizer-option-unknown`, `optimizer-option-invalid`, `optimizer-rates`, and where the request does not fit it. */
export function optimizerOf(request: Request & Pick<TrainRequest, 'optimizer'>): {
  readonly optimizer: Optimizer
  readonly options: Readonly<Record<string, unknown>>
} {
  const chosen = chosenOf({ field: 'optimizer', choices: optimizers, request: trainRequest }, request)
  // Names and list are written from the same folder.
  const { one: optimizer, options } = chosen as NonNullable<typeof chosen>
  const field = optimizer.oneRate && fieldOfRates(request)
  const given = field && (request as Readonly<Record<string, unknown>>)[field]
  if (field) throw unequal(optimizer, `"${field}" is ${String(given)}`, { field, value: given })
  optimizer.fits?.(request, options)
  return { optimizer, options }
}

/** As it is opened for a run. Throws `optimizer-rates` where parts of θ learn at different rates and it has one for all. */
export function openOptimizer(
  { optimizer, options }: ReturnType<typeof optimizerOf>,
  theta: Float32Array,
  layout: Layout,
  folder: string,
): OptimizerState | Promise<OptimizerState> {
  const rates = new Set(layout.ranges.map(({ rate }) => rate))
  if (optimizer.oneRate && rates.size > 1)
    throw unequal(optimizer, `parts of the adapter learn ${[...rates].join(', ')} times as fast`, {
      field: 'lr',
      value: [...rates].join(', '),
    })
  return optimizer.open(theta, layout, options, folder)
}

function unequal({ title }: Optimizer, what: string, facts: Readonly<Record<string, unknown>>): PigmentError {
  const sentence = `${title} finds one learning rate for all weights together, and ${what}. Leave that out, or choose AdamW.`
  return new PigmentError('optimizer-rates', sentence, { optimizer: title, ...facts })
}
