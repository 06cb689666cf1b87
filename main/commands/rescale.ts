import { z } from 'zod'
import { toolsCommand } from '../studio/command.ts'
import { singleFields } from '../studio/merge-fields.ts'

const factor = z.number().min(-100).max(100)

export const rescale = toolsCommand({
  summary: 'Write an adapter that does at strength 1 what it does at another; a negative one does the opposite.',
  order: 5,
  input: z.object({
    ...singleFields,
    by: factor.meta({ description: 'strength that becomes 1; -1 turns the adapter round', placeholder: 'X' }),
    textBy: factor.optional().meta({ description: 'the same in the text encoders, where it is another', placeholder: 'X' }),
  }),
  positional: 'file',
  run: (tools, { file, by, textBy, ...given }, watching) =>
    tools.call(
      'mergeAdapters',
      { files: [{ file, weight: by, textWeight: textBy }], method: 'concat', seed: 0, ...given },
      { ...watching, patience: 30 * 60_000 },
    ),
})
