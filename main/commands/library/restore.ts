import { z } from 'zod'
import type { AdapterCard } from '../../api/methods/library.ts'
import { id } from '../../api/shapes.ts'
import { announceAdapters } from '../../studio/announce-adapters.ts'
import { hostCommand } from '../../studio/command.ts'

export const restore = hostCommand({
  input: z.strictObject({ undo: id }),
  async run(studio, { undo }): Promise<readonly AdapterCard[]> {
    const back = await studio.library.restore(undo)
    announceAdapters(studio, back)
    return back
  },
})
