// Yadav et al. 2023, "TIES-Merging" (arXiv 2306.01708), on the whole ΔW of each layer: trim, elect, average those that agree.
import { z } from 'zod'
import { densityOption, elected, signOption } from '../elect.ts'
import { entrywise } from '../entrywise.ts'
import type { MergeMethod } from '../method.ts'
import { keepLargest } from '../prune.ts'

const options = z.object({ ...densityOption(0.5), ...signOption })

export const ties: MergeMethod<typeof options> = {
  name: 'ties',
  title: 'TIES',
  sentence: 'Keeps the largest changes of each adapter and averages those that pull the same way, so that opposing ones do not cancel out.',
  source: 'Yadav et al. 2023, arXiv 2306.01708; on ΔW, not on its factors as peft',
  kind: 'sparse',
  rank: 'sum',
  options,
  merge: (layer, { density, sign }) =>
    entrywise(
      layer,
      (values) => keepLargest(values, Math.floor(density * values.length)),
      (values, weights) => elected(values, weights, { sign, weighted: true, mean: true }),
    ),
}
