import { z } from 'zod'
import { densityOption, summed } from '../elect.ts'
import type { MergeMethod } from '../method.ts'
import { onFactors } from '../peft-factors.ts'
import { keepDrawn } from '../prune.ts'

const options = z.object(densityOption(0.5))

export const peftDareLinear: MergeMethod<typeof options> = {
  name: 'peft-dare-linear',
  title: 'PEFT dare_linear',
  sentence: 'What peft’s “dare_linear” does: drops entries of A and B apart by chance and sums the rest; for one rank only.',
  source: 'peft 0.21, add_weighted_adapter, dare_linear; the draw is of our seed',
  kind: 'peft',
  rank: 'kept',
  options,
  merge: (layer, { density }, keeps) =>
    onFactors(layer, {
      prune: (values, part, side) => keepDrawn(values, keeps(part, values.length, density, side), density),
      join: summed,
    }),
}
