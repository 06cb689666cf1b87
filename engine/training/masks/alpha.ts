// Reference: sd-scripts `alpha_mask`.
import { z } from 'zod'
import { basename } from 'node:path'
import type { MaskSource } from './mask.ts'

export const alpha: MaskSource = {
  name: 'alpha',
  title: 'Transparency',
  sentence: 'What is opaque in a picture is learnt, what is transparent is not: for subjects that were cut out.',
  options: z.object({}),
  async find(pictures) {
    // Choices are read where no pictures are: the process of the window loads no native library.
    const [{ hasAlpha }, { readPictureFile }] = await Promise.all([import('../../images/mask.ts'), import('../../images/picture.ts')])
    const found = []
    for (const { file } of pictures)
      found.push((await hasAlpha(await readPictureFile(file), basename(file))) ? ({ file, channel: 'alpha' } as const) : undefined)
    return found
  },
}
