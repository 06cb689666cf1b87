// DARE (Yu et al. 2023, arXiv 2311.03099) before TIES' election (Yadav et al. 2023, arXiv 2306.01708), on the whole ΔW.
import { z } from 'zod'
import { rateOption } from '../drop-rate.ts'
import { elected, signOption } from '../elect.ts'
import { entrywise } from '../entrywise.ts'
import type { MergeMethod } from '../method.ts'
import { keepDrawn } from '../prune.ts'

const options = z.object({ ...rateOption, ...signOption })

export const dareTies: MergeMethod<typeof options> = {
  name: 'dare-ties',
  title: 'DARE, then TIES',
  sentence: 'Drops changes at random, makes up for them in the rest, and averages those that pull the same way; the seed decides which.',
  source: 'Yu et al. 2023, arXiv 2311.03099, with the election of Yadav et al. 2023; on ΔW',
  kind: 'sparse',
  rank: 'sum',
  options,
  merge: (layer, { rate, sign }, keeps) =>
    entrywise(
      layer,
      (values, part) => keepDrawn(values, keeps(part, values.length, 1 - rate), 1 - rate),
      (values, weights) => elected(values, weights, { sign, weighted: true, mean: true }),
    ),
}
