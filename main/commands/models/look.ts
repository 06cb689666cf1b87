import { z } from 'zod'
import type { FoundModels } from '../../api/methods/found.ts'
import { task } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { foundModels } from '../../studio/found-beside.ts'

/** Looks where other programs usually keep their models, and in the folders that a person named. Nothing in them is changed. */
export const look = hostCommand({
  input: z.strictObject({ task }),
  async run(studio, { task: name }): Promise<FoundModels> {
    await studio.tasks.run(name, (looking) => studio.found.look(looking))
    return foundModels(studio)
  },
})
