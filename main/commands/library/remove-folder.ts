import { z } from 'zod'
import type { WatchedFolder } from '../../api/methods/library.ts'
import { id } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** The files stay where they are, and what was written about them comes back with the folder. */
export const removeFolder = hostCommand({
  input: z.strictObject({ folder: id }),
  async run({ library }, { folder }): Promise<readonly WatchedFolder[]> {
    await library.removeFolder(folder)
    return library.folders()
  },
})
