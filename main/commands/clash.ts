import { z } from 'zod'
import { loraChoice } from '../operations/lora-choice.ts'
import { clashRows } from '../studio/clash-rows.ts'
import { toolsCommand } from '../studio/command.ts'

export const clash = toolsCommand({
  summary: 'Say what adapters would do to each other in one stack, before any picture, and at which strengths they get on.',
  order: 6,
  input: z.object({
    files: z.array(loraChoice).min(2).max(16).meta({
      description: 'adapters, each with its strength (FILE alone: 1)',
      placeholder: 'FILE=WEIGHT',
    }),
    layers: z.boolean().default(false).meta({ description: 'tell every layer besides' }),
    model: z.string().min(1).optional().meta({
      description: 'checkpoint that they are for; its weights are needed where an adapter depends on them, as DoRA does',
      placeholder: 'PATH',
    }),
  }),
  positional: 'files',
  run: async (tools, { layers, ...given }, watching) =>
    clashRows(await tools.call('clash', given, { ...watching, patience: 30 * 60_000 }), layers),
})
