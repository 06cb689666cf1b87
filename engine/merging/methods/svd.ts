// The nearest LoRA of a rank (Eckart and Young 1936): the largest singular values of Σ w·ΔW and their vectors.
import { sumOf } from '../layer.ts'
import type { MergeMethod } from '../method.ts'

export const svd: MergeMethod = {
  name: 'svd',
  title: 'SVD',
  sentence:
    'The weighted sum in the rank of the largest adapter, or in the one that you choose: no other file of that rank is nearer to it.',
  source: 'Eckart and Young 1936; peft add_weighted_adapter, svd',
  kind: 'sum',
  rank: 'largest',
  merge: (layer) => sumOf(layer),
}
