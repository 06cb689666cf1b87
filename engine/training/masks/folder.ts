// Reference: sd-scripts `conditioning_data_dir` with `masked_loss`: pictures of the same names in a folder of their own, of which the red channel counts.
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { isPictureName, pictureStem } from '../../images/picture-formats.ts'
import { PigmentError } from '../../requests/error.ts'
import type { MaskSource } from './mask.ts'

const options = z.object({ maskFolder: z.string().optional() })

export const folder: MaskSource<typeof options> = {
  name: 'folder',
  title: 'A folder of masks',
  sentence: 'Masks of the same names as the pictures in a folder of their own: white is learnt, black is not. As sd-scripts has them.',
  options,
  fits({ maskFolder }) {
    if (maskFolder === undefined) throw missing('Masks from a folder need that folder.', {})
  },
  async find(pictures, { maskFolder = '' }) {
    const names = await readdir(maskFolder).catch((cause: unknown) => {
      throw missing(`The folder of masks "${maskFolder}" cannot be read.`, { folder: maskFolder }, cause)
    })
    const byStem = new Map(names.filter(isPictureName).map((name) => [pictureStem(name), name]))
    return pictures.map(({ file }) => {
      const name = byStem.get(pictureStem(basename(file)))
      return name === undefined ? undefined : { file: join(maskFolder, name), channel: 'first' as const }
    })
  },
}

const missing = (what: string, facts: Record<string, unknown>, cause?: unknown): PigmentError =>
  new PigmentError('mask-folder-missing', `${what} Give one that is there (--mask-folder), or choose another mask.`, facts, cause)
