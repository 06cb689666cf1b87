import { z } from 'zod'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** Brings a run back that was removed. Throws `trash-missing`, `trash-conflict`. */
export const restore = hostCommand({
  input: z.strictObject({ undo: id }),
  async run({ queue, trash }, { undo }): Promise<{ readonly run: string }> {
    const { facts } = await trash.restore(undo, 'run')
    return { run: (await queue.bring(facts)).id }
  },
})
