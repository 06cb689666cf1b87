import { z } from 'zod'
import { toolsCommand } from '../studio/command.ts'

export const models = toolsCommand({
  summary: 'List the models that can be used: the embedded one, those in the folders given, and what other programs keep here.',
  order: 5,
  input: z.object({
    folder: z.array(z.string().min(1)).default([]).meta({
      description: 'folder whose .safetensors files and diffusers folders are looked at; can be given several times',
      placeholder: 'DIR',
    }),
    givenOnly: z.boolean().default(false).meta({
      description:
        'look in the folders given alone, and not where A1111, Forge, ComfyUI, InvokeAI, StabilityMatrix and Hugging Face keep models',
    }),
  }),
  run: (tools, given, watching) => tools.call('listModels', given, watching),
})
