import { z } from 'zod'
import { hostCommand } from '../../studio/command.ts'

/** Holds the whole queue, or lets it go on. */
export const hold = hostCommand({
  input: z.strictObject({ held: z.boolean().optional() }),
  run({ queue }, { held }): { readonly held: boolean } {
    if (held !== undefined) queue.hold(held)
    return { held: queue.held }
  },
})
