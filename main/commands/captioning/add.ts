import { z } from 'zod'
import { findCaptioner } from '../../../engine/captioning/find-captioner.ts'
import type { CaptionWay } from '../../api/methods/captioning.ts'
import { path } from '../../api/shapes.ts'
import { captionWays } from '../../studio/caption-ways.ts'
import { hostCommand } from '../../studio/command.ts'

/** Remembers the folder of a captioner. Throws `captioner-unknown`, `captioner-incomplete` and why it cannot be read. */
export const add = hostCommand({
  input: z.strictObject({ path }),
  async run(studio, { path: folder }): Promise<readonly CaptionWay[]> {
    await findCaptioner(folder)
    const { captioners } = studio.settings.value
    await studio.settings.change({ captioners: [...captioners.filter((one) => one !== folder), folder] })
    return captionWays(studio)
  },
})
