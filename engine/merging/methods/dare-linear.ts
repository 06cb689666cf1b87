// Yu et al. 2023, "Language Models are Super Mario" (arXiv 2311.03099), on the whole ΔW: entries are dropped at random, the others scaled up, and summed.
import { z } from 'zod'
import { rateOption } from '../drop-rate.ts'
import { summed } from '../elect.ts'
import { entrywise } from '../entrywise.ts'
import type { MergeMethod } from '../method.ts'
import { keepDrawn } from '../prune.ts'

const options = z.object(rateOption)

export const dareLinear: MergeMethod<typeof options> = {
  name: 'dare-linear',
  title: 'DARE, summed',
  sentence:
    'Drops changes of each adapter at random and makes up for them in the rest, so that fewer of them meet; the seed decides which.',
  source: 'Yu et al. 2023, arXiv 2311.03099; on ΔW, not on its factors as peft',
  kind: 'sparse',
  rank: 'sum',
  options,
  merge: (layer, { rate }, keeps) =>
    entrywise(layer, (values, part) => keepDrawn(values, keeps(part, values.length, 1 - rate), 1 - rate), summed),
}
