import { z } from 'zod'
import { toolsCommand } from '../studio/command.ts'

export const recommend = toolsCommand({
  summary: 'Say which step of a training run is best on pictures that it did not see, and why.',
  order: 4,
  input: z.object({
    run: z.string().min(1).meta({
      description: 'an adapter that was trained with --validate-every, or the .run folder of one that still trains',
      placeholder: 'FILE',
    }),
  }),
  positional: 'run',
  run: (tools, given, watching) => tools.call('recommend', given, watching),
})
