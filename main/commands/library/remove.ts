import { z } from 'zod'
import { id } from '../../api/shapes.ts'
import { announceAdapters } from '../../studio/announce-adapters.ts'
import { hostCommand } from '../../studio/command.ts'

export const remove = hostCommand({
  input: z.strictObject({ adapters: z.array(id).min(1).max(1000) }),
  async run(studio, { adapters }): Promise<{ readonly undo: string }> {
    const { undo, removed } = await studio.library.remove(adapters)
    announceAdapters(studio, removed, true)
    return { undo }
  },
})
