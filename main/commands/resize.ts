import { z } from 'zod'
import { toolsCommand } from '../studio/command.ts'
import { singleFields } from '../studio/merge-fields.ts'

export const resize = toolsCommand({
  summary: 'Bring an adapter to a lower rank, of whatever kind it is, and say layer by layer what is lost.',
  order: 5,
  input: z.object({
    ...singleFields,
    rank: z.int().min(1).max(4096).optional().meta({ description: 'highest rank of a layer', placeholder: 'R' }),
    energy: z.number().gt(0).max(1).optional().meta({
      description: 'share of the squared norm of each layer that remains: its rank is the smallest that keeps it',
      placeholder: 'SHARE',
    }),
  }),
  positional: 'file',
  run: (tools, { file, ...given }, watching) =>
    tools.call(
      'mergeAdapters',
      { files: [{ file, weight: 1 }], method: 'linear', seed: 0, ...given },
      { ...watching, patience: 30 * 60_000 },
    ),
})
