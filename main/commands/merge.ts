import { z } from 'zod'
import { mergeMethods } from '../../engine/merging/methods/index.ts'
import { mergeRequest } from '../../engine/requests/merge.ts'
import { loraChoice } from '../operations/lora-choice.ts'
import { fromPairs, inPairs } from '../operations/option-pairs.ts'
import { toolsCommand } from '../studio/command.ts'

const among = { method: mergeMethods }
const shape = inPairs(mergeRequest, among)

export const merge = toolsCommand({
  summary: 'Merge adapters into one, and say layer by layer what is lost.',
  order: 5,
  input: z.object({
    files: z.array(loraChoice).min(1).max(64).meta({
      description: 'adapters, each with its strength (FILE alone: 1)',
      placeholder: 'FILE=WEIGHT',
    }),
    ...shape,
    method: shape.method.meta({
      ...shape.method.meta(),
      description: `how they become one: ${mergeMethods.map(({ name, title }) => `${name} (${title})`).join(', ')}`,
    }),
    out: z.string().min(1).optional().meta({
      description: 'the file, ending in .safetensors; without it the report alone is made',
      placeholder: 'FILE',
    }),
    into: z.string().min(1).optional().meta({
      description: 'merge the result into a copy of this checkpoint, which is written to --out in place of an adapter',
      placeholder: 'PATH',
    }),
    precision: z.enum(['fp32', 'fp16', 'bf16']).optional().meta({
      description: 'how the weights are stored (default: as in the files where they agree, else fp32)',
    }),
    title: z.string().max(200).optional().meta({ description: 'what the file calls itself' }),
    model: z.string().min(1).optional().meta({
      description: 'checkpoint that they are for; its weights are needed where an adapter depends on them, as DoRA does',
      placeholder: 'PATH',
    }),
  }),
  positional: 'files',
  // A layer of a large model takes its time.
  run: (tools, given, watching) => tools.call('mergeAdapters', fromPairs(given, among), { ...watching, patience: 30 * 60_000 }),
})
