// peft's add_weighted_adapter where it treats A and B apart (LoraModel._generalized_task_arithmetic_weighted_adapter of 0.21): strengths go into both by
// their roots, so that a sum of two has cross terms B₁A₂. Its numbers, for whoever needs them; the methods on ΔW have no such terms.
import { rankOf, scaleOf, type LowRank } from '../adapters/low-rank.ts'
import { PigmentError } from '../requests/error.ts'
import type { Factors } from './factors.ts'
import { layerName, type Layer, type Part } from './layer.ts'

/** What is done to the tensors of one side: `prune` to each in place, then `join`. */
export interface SideOperation {
  readonly prune?: (values: Float32Array, part: Part, side: 'down' | 'up') => void
  readonly join: (values: readonly Float32Array[], weights: readonly number[]) => Float32Array
}

/** Throws `merge-method-unfit` where a part is no pair, or has another rank. */
export function onFactors(layer: Layer, { prune = () => undefined, join }: SideOperation): Factors {
  const all = layer.parts.map((part) => ({ part, pair: pairOf(layer, part) }))
  const [rank = 0] = all.map(({ pair }) => rankOf(pair))
  const other = all.find(({ pair }) => rankOf(pair) !== rank)
  if (other) throw unfit(layer, `the adapters have to be of one rank there, and have ${all.map(({ pair }) => rankOf(pair)).join(' and ')}`)
  const side = (name: 'down' | 'up'): Float32Array => {
    const values = all.map(({ part, pair }) => {
      const data = pair[name].data.slice()
      prune(data, part, name)
      return data
    })
    const weights = all.map(({ part, pair }) => {
      const weight = part.weight * scaleOf(pair)
      // The sign stands on one side alone.
      return Math.sqrt(Math.abs(weight)) * (name === 'down' && weight < 0 ? -1 : 1)
    })
    return join(values, weights)
  }
  const [down, up] = [side('down'), side('up')]
  return { down: { rows: rank, columns: layer.columns, data: down }, up: { rows: layer.rows, columns: rank, data: up } }
}

function pairOf(layer: Layer, { pair }: Part): LowRank {
  if (pair) return pair
  throw unfit(layer, 'each adapter has to be a plain pair of matrices there')
}

const unfit = (layer: Layer, why: string): PigmentError =>
  new PigmentError(
    'merge-method-unfit',
    `peft's methods on factors cannot merge layer "${layerName(layer)}": ${why}. Choose a method on ΔW, such as "svd" or "ties".`,
    { layer: layerName(layer), why },
  )
