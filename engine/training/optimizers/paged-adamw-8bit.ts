// AdamW 8-bit whose state lies in a file, page by page in memory: the same bits, a quarter of the traffic of Paged AdamW.
import { tmpdir } from 'node:os'
import { adamw8bitBytes, adamw8bitOptions, adamw8bitSpans } from './adamw-8bit.ts'
import type { Optimizer } from './optimizer.ts'
import { budgetOf, paged, pageOptions, pagingOf } from './paged.ts'

const options = adamw8bitOptions.extend(pageOptions)

export const pagedAdamw8bit: Optimizer<typeof options> = {
  name: 'paged-adamw-8bit',
  title: 'Paged AdamW 8-bit',
  sentence: 'AdamW in 8 bits whose means lie in a file: the least memory there is for training all weights, at the pace of the disk.',
  spares: { of: 'adamw-8bit', same: true },
  options,
  bytes: adamw8bitBytes,
  most: budgetOf,
  open: (_theta, layout, chosen, folder = tmpdir()) => paged(adamw8bitSpans(layout, chosen), pagingOf(chosen, folder)),
}
