import { summed } from '../elect.ts'
import type { MergeMethod } from '../method.ts'
import { onFactors } from '../peft-factors.ts'

export const peftLinear: MergeMethod = {
  name: 'peft-linear',
  title: 'PEFT linear',
  sentence: 'The numbers of peft’s “linear”: sums A and B apart, which mixes the adapters with each other; for one rank only.',
  source: 'peft 0.21, add_weighted_adapter, linear',
  kind: 'peft',
  rank: 'kept',
  merge: (layer) => onFactors(layer, { join: summed }),
}
