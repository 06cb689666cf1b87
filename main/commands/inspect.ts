import { z } from 'zod'
import { toolsCommand } from '../studio/command.ts'

export const inspect = toolsCommand({
  summary: 'Say what a file or folder is and what is in it: checkpoint, adapter, embedding, picture or dataset.',
  order: 4,
  input: z.object({
    file: z.string().min(1).meta({ description: 'checkpoint, adapter, embedding, picture, or folder of pictures', placeholder: 'FILE' }),
    model: z.string().min(1).optional().meta({
      description:
        'base model for an adapter or an embedding, or the model whose buckets a dataset is sorted into (default: the embedded one)',
      placeholder: 'PATH',
    }),
  }),
  positional: 'file',
  run: (tools, given, watching) => tools.call('inspect', given, watching),
})
