import { z } from 'zod'
import type { InputPicture } from '../../api/methods/generate.ts'
import { path } from '../../api/shapes.ts'
import { hostCommand } from '../../studio/command.ts'

/** A picture that drawing begins with, as a screen shows it. Throws what tells that it is gone, or no picture. */
export const inputPicture = hostCommand({
  input: z.strictObject({ path }),
  async run({ media, tools }, { path: file }): Promise<InputPicture> {
    const { width, height, stamp } = await tools.call('pictureExtent', { path: file })
    return { media: media.ofFile(file, stamp), width, height }
  },
})
