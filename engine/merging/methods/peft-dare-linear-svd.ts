import { z } from 'zod'
import { densityOption, summed } from '../elect.ts'
import { entrywise } from '../entrywise.ts'
import type { MergeMethod } from '../method.ts'
import { asPeft, scaleOption } from '../peft-products.ts'
import { keepDrawn } from '../prune.ts'

const options = z.object({ ...densityOption(0.5), ...scaleOption })

export const peftDareLinearSvd: MergeMethod<typeof options> = {
  name: 'peft-dare-linear-svd',
  title: 'PEFT dare_linear_svd',
  sentence: 'What peft’s “dare_linear_svd” does: drops entries of the whole changes by chance and sums the rest.',
  source: 'peft 0.21, add_weighted_adapter, dare_linear_svd; the draw is of our seed',
  kind: 'peft',
  rank: 'largest',
  options,
  merge: (layer, { density, ...told }, keeps) =>
    entrywise(asPeft(layer, told), (values, part) => keepDrawn(values, keeps(part, values.length, density), density), summed),
}
