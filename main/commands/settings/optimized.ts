import { z } from 'zod'
import { optimizedFolder } from '../../stores/optimized-place.ts'
import { hostCommand } from '../../studio/command.ts'

/** Bytes of the optimised models that are kept; `clear` removes them first. */
export const optimized = hostCommand({
  input: z.strictObject({ clear: z.boolean().default(false) }),
  run: ({ tools, places }, { clear }): Promise<{ readonly folder: string; readonly bytes: number }> =>
    tools.call('optimizedModels', { folder: optimizedFolder(places.root), clear }),
})
