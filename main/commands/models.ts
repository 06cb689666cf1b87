import { z } from 'zod'
import { toolsCommand } from '../studio/command.ts'

export const models = toolsCommand({
  summary: 'List the models that can be used: the embedded one, and those in the folders given.',
  order: 5,
  input: z.object({
    folder: z.array(z.string().min(1)).default([]).meta({
      description: 'folder whose .safetensors files and diffusers folders are looked at; can be given several times',
      placeholder: 'DIR',
    }),
  }),
  run: (tools, given, watching) => tools.call('listModels', given, watching),
})
