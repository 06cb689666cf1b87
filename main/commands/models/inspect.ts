import { z } from 'zod'
import type { ModelCard } from '../../api/methods/models.ts'
import { path } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** Looks without adding. Throws the engine's reason. */
export const inspect = hostCommand({
  input: z.strictObject({ path }),
  run: ({ models }, { path: at }): Promise<ModelCard> => models.inspect(at),
})
