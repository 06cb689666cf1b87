import { z } from 'zod'
import { toolsCommand } from '../studio/command.ts'
import { singleFields } from '../studio/merge-fields.ts'

export const slice = toolsCommand({
  summary: 'Cut an adapter that was trained as DyLoRA to one of the ranks that it was trained at, without loss.',
  order: 5,
  input: z.object({
    file: singleFields.file,
    rank: z.int().min(1).max(4096).meta({ description: 'a multiple of its unit, up to its rank', placeholder: 'R' }),
    out: z.string().min(1).meta({ description: 'the file, ending in .safetensors', placeholder: 'FILE' }),
    model: singleFields.model,
  }),
  positional: 'file',
  run: (tools, given, watching) => tools.call('sliceAdapter', given, watching),
})
