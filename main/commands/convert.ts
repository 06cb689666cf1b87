import { z } from 'zod'
import { toolsCommand } from '../studio/command.ts'

export const convert = toolsCommand({
  summary: 'Write an adapter in another precision, under the same names, and say what that changes.',
  order: 5,
  input: z.object({
    file: z.string().min(1).meta({ description: 'a .safetensors file', placeholder: 'FILE' }),
    precision: z.enum(['fp32', 'fp16', 'bf16']).meta({ description: 'how the weights are stored' }),
    out: z.string().min(1).meta({ description: 'the file, ending in .safetensors', placeholder: 'FILE' }),
  }),
  positional: 'file',
  run: (tools, given, watching) => tools.call('convertPrecision', given, { ...watching, patience: 30 * 60_000 }),
})
