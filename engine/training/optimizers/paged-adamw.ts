// AdamW whose moments lie in a file, page by page in memory: the same bits as AdamW, for more parameters than memory has room for.
import { tmpdir } from 'node:os'
import { elementCount } from '../../tensor/tensor.ts'
import { adamwOptions, adamwRule } from './adamw.ts'
import type { Optimizer } from './optimizer.ts'
import { budgetOf, paged, pageOptions, pagingOf } from './paged.ts'

const options = adamwOptions.extend(pageOptions)

export const pagedAdamw: Optimizer<typeof options> = {
  name: 'paged-adamw',
  title: 'Paged AdamW',
  sentence:
    'AdamW whose means lie in a file and are brought in page by page: choose it where they do not fit into memory, and the disk is quick.',
  spares: { of: 'adamw', same: true },
  options,
  bytes: (shape) => 8 * elementCount(shape),
  most: budgetOf,
  open: (_theta, { ranges }, chosen, folder = tmpdir()) =>
    paged(
      ranges.map((range) => ({ ...range, rule: adamwRule(chosen) })),
      pagingOf(chosen, folder),
    ),
}
