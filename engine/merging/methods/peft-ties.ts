import { z } from 'zod'
import { densityOption, elected, signOption } from '../elect.ts'
import type { MergeMethod } from '../method.ts'
import { onFactors } from '../peft-factors.ts'
import { keepLargest } from '../prune.ts'

const options = z.object({ ...densityOption(0.5), ...signOption })

export const peftTies: MergeMethod<typeof options> = {
  name: 'peft-ties',
  title: 'PEFT ties',
  sentence:
    'The numbers of peft’s “ties”: trims, votes and averages A and B apart, so that signs of their product play no part; for one rank only.',
  source: 'peft 0.21, add_weighted_adapter, ties',
  kind: 'peft',
  rank: 'kept',
  options,
  merge: (layer, { density, sign }) =>
    onFactors(layer, {
      prune: (values) => keepLargest(values, Math.floor(density * values.length)),
      join: (values, weights) => elected(values, weights, { sign, weighted: false, mean: true }),
    }),
}
