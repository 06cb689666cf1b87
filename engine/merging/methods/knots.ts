// Stoica et al. 2024, "Model merging with SVD to tie the KnOTS" (arXiv 2410.19735; gstoica27/KnOTS, task_merger.py): the changes side by side share their
// left singular vectors U, and TIES acts on what each adapter does along them, S·Vᵀ. With thin factors U comes from one core of R × R.
import { z } from 'zod'
import { rateOption } from '../drop-rate.ts'
import { densityOption, elected, signOption } from '../elect.ts'
import type { MergeMethod } from '../method.ts'
import { keepDrawn, keepLargest } from '../prune.ts'
import { alignedSlices } from '../aligned.ts'

const options = z.object({
  ...densityOption(0.5),
  ...signOption,
  merging: z.enum(['mean', 'sum']).default('mean').meta({ description: 'whether those of the elected sign are averaged or added up' }),
  rate: rateOption.rate
    .unwrap()
    .default(0)
    .meta({ ...rateOption.rate.meta(), description: 'share that DARE drops by chance before' }),
})

export const knots: MergeMethod<typeof options> = {
  name: 'knots',
  title: 'KnOTS',
  sentence:
    'Turns the adapters into common directions first, and then keeps and averages as TIES does: there it tells agreement from chance.',
  source: 'Stoica et al. 2024, arXiv 2410.19735; gstoica27/KnOTS',
  kind: 'subspace',
  rank: 'sum',
  options,
  merge(layer, { density, sign, merging, rate }, keeps) {
    const { up, slices } = alignedSlices(layer.parts)
    for (const [i, values] of slices.entries()) {
      const part = layer.parts[i]
      if (rate > 0 && part) keepDrawn(values, keeps(part, values.length, 1 - rate), 1 - rate)
      // Its program keeps one more.
      if (density < 1) keepLargest(values, Math.floor(density * values.length) + 1)
    }
    const weights = layer.parts.map(({ weight }) => weight)
    const data = elected(slices, weights, { sign, weighted: true, mean: merging === 'mean' })
    return { up, down: { rows: up.columns, columns: layer.columns, data } }
  },
}
