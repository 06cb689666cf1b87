import { z } from 'zod'
import { densityOption, elected, signOption } from '../elect.ts'
import { entrywise } from '../entrywise.ts'
import type { MergeMethod } from '../method.ts'
import { asPeft, scaleOption } from '../peft-products.ts'
import { keepDrawn } from '../prune.ts'

const options = z.object({ ...densityOption(0.5), ...signOption, ...scaleOption })

export const peftDareTiesSvd: MergeMethod<typeof options> = {
  name: 'peft-dare-ties-svd',
  title: 'PEFT dare_ties_svd',
  sentence: 'What peft’s “dare_ties_svd” does: drops entries of the whole changes by chance and averages those of the elected sign.',
  source: 'peft 0.21, add_weighted_adapter, dare_ties_svd; the draw is of our seed',
  kind: 'peft',
  rank: 'largest',
  options,
  merge: (layer, { density, sign, ...told }, keeps) =>
    entrywise(
      asPeft(layer, told),
      (values, part) => keepDrawn(values, keeps(part, values.length, density), density),
      (values, weights) => elected(values, weights, { sign, weighted: false, mean: true }),
    ),
}
