// One line of the comparison: how far the engine is from the reference, and how far it may be.
import { relativeL2, type Tensor } from '../../engine/tensor/tensor.ts'
import type { Model } from '../../engine/sessions/open-model.ts'
import type { RecordedCase } from './recorded-case.ts'

export interface Measure {
  readonly check: string
  /** What was compared; of several, the worst. */
  readonly what: string
  readonly error: number
  readonly bar: number
}

/** A recorded case opened in one of its layouts. */
export interface Setting {
  readonly recorded: RecordedCase
  readonly layout: string
  readonly model: Model
}

/** NaN and unequal shapes count as infinitely far. */
export function distance(got: Tensor | undefined, expected: Tensor): number {
  if (!got || got.data.length !== expected.data.length) return Infinity
  const error = relativeL2(got.data, expected.data)
  return Number.isNaN(error) ? Infinity : error
}

export function worst(errors: ReadonlyMap<string, number>): { readonly name: string; readonly error: number } {
  return [...errors].reduce((most, [name, error]) => (error >= most.error ? { name, error } : most), { name: '', error: 0 })
}

export const passes = ({ error, bar }: Measure): boolean => error <= bar
