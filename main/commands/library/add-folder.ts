import { z } from 'zod'
import type { WatchedFolder } from '../../api/methods/library.ts'
import { path } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** Nothing is copied, and nothing in it is ever changed. */
export const addFolder = hostCommand({
  input: z.strictObject({ path }),
  async run({ library }, given): Promise<readonly WatchedFolder[]> {
    await library.addFolder(given.path)
    return library.folders()
  },
})
