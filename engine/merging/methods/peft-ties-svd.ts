import { z } from 'zod'
import { densityOption, elected, signOption } from '../elect.ts'
import { entrywise } from '../entrywise.ts'
import type { MergeMethod } from '../method.ts'
import { asPeft, scaleOption } from '../peft-products.ts'
import { keepLargest } from '../prune.ts'

const options = z.object({ ...densityOption(0.5), ...signOption, ...scaleOption })

export const peftTiesSvd: MergeMethod<typeof options> = {
  name: 'peft-ties-svd',
  title: 'PEFT ties_svd',
  sentence: 'The numbers of peft’s “ties_svd”: TIES on the whole changes, in which strengths have no vote.',
  source: 'peft 0.21, add_weighted_adapter, ties_svd',
  kind: 'peft',
  rank: 'largest',
  options,
  merge: (layer, { density, sign, ...told }) =>
    entrywise(
      asPeft(layer, told),
      (values) => keepLargest(values, Math.floor(density * values.length)),
      (values, weights) => elected(values, weights, { sign, weighted: false, mean: true }),
    ),
}
