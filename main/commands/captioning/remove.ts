import { z } from 'zod'
import type { CaptionWay } from '../../api/methods/captioning.ts'
import { path } from '../../api/shapes.ts'
import { captionWays } from '../../studio/caption-ways.ts'
import { hostCommand } from '../../studio/command.ts'

/** Forgets the folder of a captioner; its files stay. */
export const remove = hostCommand({
  input: z.strictObject({ path }),
  async run(studio, { path: folder }): Promise<readonly CaptionWay[]> {
    await studio.settings.change({ captioners: studio.settings.value.captioners.filter((one) => one !== folder) })
    return captionWays(studio)
  },
})
