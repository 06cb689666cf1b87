import { z } from 'zod'
import { toolsCommand } from '../studio/command.ts'

export const extract = toolsCommand({
  summary: 'Write what one checkpoint has over another as a LoRA, and say layer by layer what is lost.',
  order: 5,
  input: z.object({
    tuned: z.string().min(1).meta({ description: 'the checkpoint whose changes are wanted', placeholder: 'PATH' }),
    base: z.string().min(1).meta({ description: 'the checkpoint that it was made from', placeholder: 'PATH' }),
    rank: z.int().min(1).max(4096).default(64).meta({ description: 'highest rank of a layer', placeholder: 'R' }),
    energy: z.number().gt(0).max(1).optional().meta({
      description: 'share of the squared norm of each layer that remains: its rank is the smallest that keeps it, up to the highest',
      placeholder: 'SHARE',
    }),
    leastDifference: z.number().min(0).default(0).meta({
      description:
        'a layer none of whose numbers differs by more is taken to be the same; 1e-4 or so where one of the two is in half precision',
      placeholder: 'X',
    }),
    out: z.string().min(1).optional().meta({
      description: 'the file, ending in .safetensors; without it the report alone is made',
      placeholder: 'FILE',
    }),
    precision: z.enum(['fp32', 'fp16', 'bf16']).default('fp16').meta({ description: 'how the weights are stored' }),
    title: z.string().max(200).optional().meta({ description: 'what the file calls itself' }),
  }),
  run: (tools, given, watching) => tools.call('extractAdapter', given, { ...watching, patience: 30 * 60_000 }),
})
