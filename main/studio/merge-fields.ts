// What commands that write one adapter anew take alike.
import { z } from 'zod'

export const singleFields = {
  file: z.string().min(1).meta({ description: 'adapter: a .safetensors file, or a PEFT or diffusers folder', placeholder: 'FILE' }),
  out: z.string().min(1).optional().meta({
    description: 'the file, ending in .safetensors; without it the report alone is made',
    placeholder: 'FILE',
  }),
  precision: z.enum(['fp32', 'fp16', 'bf16']).optional().meta({ description: 'how the weights are stored (default: as they are)' }),
  model: z.string().min(1).optional().meta({
    description: 'checkpoint that it is for; its weights are needed where the adapter depends on them, as DoRA does',
    placeholder: 'PATH',
  }),
}
