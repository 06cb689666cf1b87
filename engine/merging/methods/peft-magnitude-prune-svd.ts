import { z } from 'zod'
import { densityOption, summed } from '../elect.ts'
import { entrywise } from '../entrywise.ts'
import type { MergeMethod } from '../method.ts'
import { asPeft, scaleOption } from '../peft-products.ts'
import { keepLargest } from '../prune.ts'

const options = z.object({ ...densityOption(0.5), ...scaleOption })

export const peftMagnitudePruneSvd: MergeMethod<typeof options> = {
  name: 'peft-magnitude-prune-svd',
  title: 'PEFT magnitude_prune_svd',
  sentence: 'The numbers of peft’s “magnitude_prune_svd”: drops the smallest entries of the whole changes and sums them.',
  source: 'peft 0.21, add_weighted_adapter, magnitude_prune_svd',
  kind: 'peft',
  rank: 'largest',
  options,
  merge: (layer, { density, ...told }) =>
    entrywise(asPeft(layer, told), (values) => keepLargest(values, Math.floor(density * values.length)), summed),
}
