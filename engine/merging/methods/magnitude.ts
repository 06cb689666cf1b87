// Han et al. 2015, "Learning both Weights and Connections" (arXiv 1506.02626): the smallest changes are dropped.
import { z } from 'zod'
import { densityOption, summed } from '../elect.ts'
import { entrywise } from '../entrywise.ts'
import type { MergeMethod } from '../method.ts'
import { keepLargest } from '../prune.ts'

const options = z.object(densityOption(0.5))

export const magnitude: MergeMethod<typeof options> = {
  name: 'magnitude',
  title: 'Magnitude pruning',
  sentence: 'Keeps only the largest changes of each adapter and adds them up: small ones, which may be noise, are left out.',
  source: 'Han et al. 2015, arXiv 1506.02626; on ΔW, not on its factors as peft',
  kind: 'sparse',
  rank: 'sum',
  options,
  merge: (layer, { density }) => entrywise(layer, (values) => keepLargest(values, Math.floor(density * values.length)), summed),
}
