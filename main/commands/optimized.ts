import { z } from 'zod'
import { dataFolder } from '../places/places.ts'
import { optimizedFolder } from '../stores/optimized-place.ts'
import { toolsCommand } from '../studio/command.ts'

export const optimized = toolsCommand({
  summary: 'Say how much of the disk optimised models take, which large checkpoints open from at once, or clear them.',
  order: 6,
  input: z.object({
    clear: z.boolean().default(false).meta({ description: 'remove them; each is made again when its model is next opened' }),
  }),
  run: (tools, { clear }, watching) => tools.call('optimizedModels', { folder: optimizedFolder(dataFolder()), clear }, watching),
})
