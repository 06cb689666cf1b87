import { z } from 'zod'
import { densityOption, summed } from '../elect.ts'
import type { MergeMethod } from '../method.ts'
import { onFactors } from '../peft-factors.ts'
import { keepLargest } from '../prune.ts'

const options = z.object(densityOption(0.5))

export const peftMagnitudePrune: MergeMethod<typeof options> = {
  name: 'peft-magnitude-prune',
  title: 'PEFT magnitude_prune',
  sentence: 'The numbers of peft’s “magnitude_prune”: drops the smallest entries of A and B apart and sums them; for one rank only.',
  source: 'peft 0.21, add_weighted_adapter, magnitude_prune',
  kind: 'peft',
  rank: 'kept',
  options,
  merge: (layer, { density }) =>
    onFactors(layer, { prune: (values) => keepLargest(values, Math.floor(density * values.length)), join: summed }),
}
