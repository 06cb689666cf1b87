// A part of a picture as a file of the same format.
import { PigmentError } from '../requests/error.ts'
import { encodeBitmap } from './bmp.ts'
import type { Size } from './model-range.ts'
import { decodeInTurn, openPicture } from './picture.ts'
import { sniffPicture } from './picture-format.ts'

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
    switch (sniffPicture(bytes, name)) {
      case 'png':
        return cut.png().toBuffer()
      // High enough that encoding once more does not show.
      case 'jpeg':
        return cut.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer()
      case 'webp':
        return cut.webp({ quality: 95 }).toBuffer()
      case 'avif':
        return cut.avif({ quality: 85, chromaSubsampling: '4:4:4' }).toBuffer()
      // The first frame, which is what training sees.
      case 'gif':
        return cut.gif().toBuffer()
      case 'tiff':
        return cut.tiff({ compression: 'lzw' }).toBuffer()
      case 'bmp': {
        const { data, info } = await cut.removeAlpha().raw().toBuffer({ resolveWithObject: true })
        return encodeBitmap({ width: info.width, height: info.height, data })
      }
    }
  })
}
