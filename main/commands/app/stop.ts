import { z } from 'zod'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** Stops a long command by its task. */
export const stop = hostCommand({
  input: z.strictObject({ task: id }),
  run: ({ tasks }, { task }): void => tasks.stop(task),
})
