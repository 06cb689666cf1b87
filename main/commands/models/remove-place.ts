import { z } from 'zod'
import type { FoundModels } from '../../api/methods/found.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'
import { foundModels } from '../../studio/found-beside.ts'

/** Does not look there any more. The folder stays as it is. */
export const removePlace = hostCommand({
  input: z.strictObject({ place: id }),
  async run(studio, { place }): Promise<FoundModels> {
    await studio.found.removeFolder(place)
    return foundModels(studio)
  },
})
