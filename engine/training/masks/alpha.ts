// Reference: sd-scripts `alpha_mask`.
import { z } from 'zod'
import { basename } from 'node:path'
import { hasAlpha } from '../../images/mask.ts'
import { readPictureFile } from '../../images/picture.ts'
import type { MaskSource } from './mask.ts'

export const alpha: MaskSource = {
  name: 'alpha',
  title: 'Transparency',
  sentence: 'What is opaque in a picture is learnt, what is transparent is not: for subjects that were cut out.',
  options: z.object({}),
  async find(pictures) {
    const found = []
    for (const { file } of pictures)
      found.push((await hasAlpha(await readPictureFile(file), basename(file))) ? ({ file, channel: 'alpha' } as const) : undefined)
    return found
  },
}
