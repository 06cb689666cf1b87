// OneTrainer's `name-masklabel.png` beside `name.jpg`.
import { stat } from 'node:fs/promises'
import { dirname, join, basename } from 'node:path'
import { z } from 'zod'
import { pictureStem } from '../../images/picture-formats.ts'
import { maskEnding } from '../../datasets/mask-names.ts'
import type { MaskSource } from './mask.ts'

export const sidecar: MaskSource = {
  name: 'sidecar',
  title: 'Beside the picture (-masklabel.png)',
  sentence: 'A grey picture name-masklabel.png beside each: white is learnt, black is not. As OneTrainer writes them.',
  options: z.object({}),
  find: (pictures) =>
    Promise.all(
      pictures.map(async ({ file }) => {
        const mask = join(dirname(file), `${pictureStem(basename(file))}${maskEnding}`)
        const facts = await stat(mask).catch(() => undefined)
        return facts?.isFile() ? ({ file: mask, channel: 'first' } as const) : undefined
      }),
    ),
}
