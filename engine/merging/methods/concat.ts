// Σ w·B·A = [w₁B₁ … wₙBₙ]·[A₁; …; Aₙ].
import { sumOf } from '../layer.ts'
import type { MergeMethod } from '../method.ts'

export const concat: MergeMethod = {
  name: 'concat',
  title: 'Concatenate',
  sentence: 'All adapters side by side in one file: exactly what they do as a stack, at the price of all their ranks together.',
  source: 'identity; peft add_weighted_adapter, cat',
  kind: 'sum',
  rank: 'kept',
  merge: (layer) => sumOf(layer),
}
