import { z } from 'zod'
import { densityOption, elected, signOption } from '../elect.ts'
import type { MergeMethod } from '../method.ts'
import { onFactors } from '../peft-factors.ts'
import { keepDrawn } from '../prune.ts'

const options = z.object({ ...densityOption(0.5), ...signOption })

export const peftDareTies: MergeMethod<typeof options> = {
  name: 'peft-dare-ties',
  title: 'PEFT dare_ties',
  sentence: 'What peft’s “dare_ties” does: drops entries of A and B apart by chance, votes and averages them; for one rank only.',
  source: 'peft 0.21, add_weighted_adapter, dare_ties; the draw is of our seed',
  kind: 'peft',
  rank: 'kept',
  options,
  merge: (layer, { density, sign }, keeps) =>
    onFactors(layer, {
      prune: (values, part, side) => keepDrawn(values, keeps(part, values.length, density, side), density),
      join: (values, weights) => elected(values, weights, { sign, weighted: false, mean: true }),
    }),
}
