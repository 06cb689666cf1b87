import { z } from 'zod'
import type { FoundModels } from '../../api/methods/found.ts'
import { path, task } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { foundModels } from '../../studio/found-beside.ts'

/** Looks in a folder too, of a program or any. Throws why it cannot be read. */
export const addPlace = hostCommand({
  input: z.strictObject({ path, task }),
  async run(studio, { path: folder, task: name }): Promise<FoundModels> {
    await studio.tasks.run(name, (looking) => studio.found.addFolder(folder, looking))
    return foundModels(studio)
  },
})
