import { z } from 'zod'
import { toolsCommand } from '../studio/command.ts'

export const average = toolsCommand({
  summary: 'Average the checkpoints of one training run, all alike or the later ones more.',
  order: 5,
  input: z.object({
    files: z.array(z.string().min(1)).min(1).max(256).meta({
      description:
        'a run that kept steps (--keep-every), by its adapter or its .run or .steps folder; or checkpoints of one run as .safetensors files, in their order',
      placeholder: 'FILE',
    }),
    width: z.number().gt(0.01).lt(0.28).optional().meta({
      description: 'width of a post-hoc EMA relative to the training, e.g. 0.1: the smaller, the more the last ones count',
      placeholder: 'SIGMA',
      fallback: 'all count alike',
    }),
    out: z.string().min(1).meta({ description: 'the file, ending in .safetensors', placeholder: 'FILE' }),
    precision: z.enum(['fp32', 'fp16', 'bf16']).optional().meta({ description: 'how the weights are stored (default: as in the first)' }),
  }),
  positional: 'files',
  run: (tools, given, watching) => tools.call('averageAdapters', given, { ...watching, patience: 30 * 60_000 }),
})
