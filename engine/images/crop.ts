// A part of a picture as a file of the same format.
import { PigmentError } from '../requests/error.ts'
import type { Size } from './model-range.ts'
import { decodeInTurn, openPicture } from './picture.ts'
import { sniffPicture } from './picture-formats.ts'

/** In pixels of the upright picture. */
export interface Box extends Size {
  readonly left: number
  readonly top: number
}

/** Cuts the box out; transparency and colour profile stay. Throws `crop-outside`. */
export async function cropPicture(bytes: Uint8Array, name: string, box: Box): Promise<Uint8Array> {
  return decodeInTurn(bytes, name, {}, async ({ width, height }) => {
    if (box.left + box.width > width || box.top + box.height > height)
      throw new PigmentError('crop-outside', `"${name}" has ${width}×${height} pixels; the crop reaches beyond them. Draw it again.`, {
        name,
        box,
        width,
        height,
      })
    const cut = openPicture(bytes, name, {}).autoOrient().extract(box).keepIccProfile()
    return sniffPicture(bytes, name).encode(cut)
  })
}
