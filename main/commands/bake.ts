import { z } from 'zod'
import { modelForms } from '../../engine/requests/model-formats.ts'
import { loraChoice } from '../operations/lora-choice.ts'
import { toolsCommand } from '../studio/command.ts'

export const bake = toolsCommand({
  summary: 'Merge adapters into a model: a checkpoint that needs no adapter, or its UNet as an ONNX model.',
  order: 4,
  input: z.object({
    model: z.string().min(1).meta({ description: 'the base: a checkpoint file or a diffusers folder', placeholder: 'PATH' }),
    lora: z.array(loraChoice).default([]).meta({
      description: 'adapter and its strength (FILE alone: 1); can be given several times',
      placeholder: 'FILE=WEIGHT',
    }),
    to: z
      .enum(modelForms.map(({ name }) => name))
      .default('checkpoint')
      .meta({ description: modelForms.map(({ name, use }) => `${name}: ${use}`).join('; ') }),
    out: z.string().min(1).meta({ description: 'file, or folder where the base is one; never the base itself', placeholder: 'PATH' }),
    precision: z.enum(['fp32', 'fp16', 'bf16']).optional().meta({ description: 'how the weights are stored (default: each as it is)' }),
  }),
  positional: 'model',
  // Gigabytes are read, added to and written.
  run: (tools, given, watching) => tools.call('bake', given, { ...watching, patience: 2 * 60 * 60_000 }),
})
